// orrery: what the command line asks for, and the exit code.
//
// 0 fine, 1 a check failed, 2 bad input, 3 internal or I/O error.
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <exception>

#include "analysis/cli/program.hpp"
#include "analysis/failure.hpp"
#include "analysis/terminal/terminal.hpp"
#include "scenarios/text/input_error.hpp"

using namespace orrery;

int main(int argc, char** argv) {
  hold_standard_streams();
  // A reader that leaves early must not keep files from being written.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return run_program(argc, argv);
  } catch (const InputError& error) {
    std::fflush(stdout);
    print_err(fmt::format("{}\n", error.what()));
    return kBadInput;
  } catch (const std::exception& error) {
    std::fflush(stdout);
    print_err(fmt::format("orrery: error: {}\n", error.what()));
    return kInternalError;
  }
}
