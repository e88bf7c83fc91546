#include "TestRun.h"

#include <stdlib.h>

// Without a bound Swift Testing starts all tests at once. On two cores a thousand tests then wait for each other, and
// whatever has a time limit, such as a probe of a server that answers at once, runs into it. The library reads this
// variable when the run begins; an environment that has it already is left alone.
__attribute__((constructor)) static void bound_the_tests_that_run_at_once(void) {
    setenv(TEST_RUN_WIDTH_VARIABLE, TEST_RUN_WIDTH, 0);
}
