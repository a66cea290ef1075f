// Hostile scenario texts: whatever the bytes, the loader answers with a tree or with an InputError.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "scenarios/text/binder.hpp"
#include "scenarios/text/document.hpp"
#include "scenarios/text/variant.hpp"

namespace orrery {
namespace {

struct Everything {
  bool flag = false;
  int count = 0;
  double ratio = 0;
  Duration duration{};
  Bytes bytes;
  BitRate rate;
  Iops iops;
  std::string text;
  std::vector<std::string> texts;

  static const Declarations& declarations() {
    static const Declarations all =
        Declare<Everything>("one field of every quantity")
            .field("flag", &Everything::flag, "a flag")
            .otherwise(false)
            .field("count", &Everything::count, "a count")
            .otherwise(std::int64_t{1})
            .field("ratio", &Everything::ratio, "a ratio", between(0, 1))
            .otherwise(0.5)
            .field("duration", &Everything::duration, "a duration")
            .otherwise(Duration{1})
            .field("bytes", &Everything::bytes, "a size")
            .otherwise(Bytes{1})
            .field("rate", &Everything::rate, "a rate")
            .otherwise(BitRate{1})
            .field("iops", &Everything::iops, "I/Os per second")
            .otherwise(Iops{1})
            .field("text", &Everything::text, "a text")
            .otherwise(std::string{})
            .field("texts", &Everything::texts, "texts")
            .otherwise(std::vector<std::string>{})
            .build();
    return all;
  }
};

template <class Function>
void tolerate_input_errors(Function function) {
  try {
    function();
  } catch (const InputError&) {}
}

// What is written back must read as the same tree and the same structure.
void check_round_trips(const TextNode& root) {
  if (!(parse_document(to_yaml(root), "again") == root)) std::abort();
  tolerate_input_errors([&] {
    Everything first, second;
    bind_mapping(root, Everything::declarations(), &first);
    const TextNode written = resolved(Everything::declarations(), &first);
    bind_mapping(parse_document(to_yaml(written), "resolved"), Everything::declarations(), &second);
    if (!(resolved(Everything::declarations(), &second) == written)) std::abort();
  });
}

}  // namespace
}  // namespace orrery

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace orrery;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  tolerate_input_errors([&] { check_round_trips(parse_document(text, "input")); });
  // The first line as an override of the rest.
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return 0;
  tolerate_input_errors([&] {
    TextNode root = parse_document(text.substr(end + 1), "input");
    apply_override(root, text.substr(0, end));
    const std::string assignment(text.substr(0, end));
    tolerate_input_errors([&] { overridden(root, {&assignment, 1}); });
    tolerate_input_errors([&] {
      Everything target;
      bind_mapping(root, Everything::declarations(), &target);
    });
  });
  return 0;
}
