// How the tests are run. Linked into the test program; no test calls it.
#pragma once

#define TEST_RUN_WIDTH_VARIABLE "SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH"
#define TEST_RUN_WIDTH "10"
