// What --help looks like: as wide as the terminal, no word broken.
#pragma once

#include <memory>

namespace CLI {
class FormatterBase;
}

namespace orrery {

std::shared_ptr<CLI::FormatterBase> help_formatter();

}  // namespace orrery
