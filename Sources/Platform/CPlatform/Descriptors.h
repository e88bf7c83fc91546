// Shared by the files of this target.
#pragma once

/// Moves a descriptor out of 0…2: there it would be overwritten by the redirections of a spawn. A negative one is taken
/// as the failure of the call that returned it; -errno then.
int above_standard(int descriptor);
