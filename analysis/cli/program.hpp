// The program behind its command line.
#pragma once

namespace orrery {

// Reads the arguments and does what they ask for; the exit code. Throws InputError, Failure.
int run_program(int argc, char** argv);

}  // namespace orrery
