#include "scenarios/profiles.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <utility>

#include "scenarios/text/binder.hpp"
#include "scenarios/text/document.hpp"
#include "scenarios/text/nearest.hpp"
#include "scenarios/text/value_text.hpp"

namespace orrery {
namespace {

constexpr std::string_view kExtension = ".yaml";

struct ProfileHead {
  std::string profile;
  std::optional<std::string> model;
  std::string title;
  std::optional<std::string> extends;

  static const Declarations& declarations() {
    static const Declarations all =
        Declare<ProfileHead>("A profile")
            .field("profile", &ProfileHead::profile, "the profile's name")
            .field("model", &ProfileHead::model, "the model it parametrises")
            .field("title", &ProfileHead::title, "one line for people")
            .field("extends", &ProfileHead::extends, "the profile it starts from")
            .build();
    return all;
  }
};

struct ParameterHead {
  std::string kind;
  std::string source;
  std::string role;

  static const Declarations& declarations() {
    static const Declarations all =
        Declare<ParameterHead>("A parameter of a profile")
            .field("kind", &ParameterHead::kind, "what sort of source it has")
            .one_of({"measured", "datasheet", "paper", "assumed"})
            .field("source", &ParameterHead::source, "where the value comes from")
            .field("role", &ParameterHead::role, "how validation may use the source")
            .one_of({"CAL", "derived"})
            .otherwise(std::string{})
            .build();
    return all;
  }
};

SourceKind source_kind(std::string_view word) {
  for (const SourceKind kind : {SourceKind::measured, SourceKind::datasheet, SourceKind::paper})
    if (source_kind_name(kind) == word) return kind;
  return SourceKind::assumed;
}

std::vector<std::string> field_names(const Declarations& declarations) {
  std::vector<std::string> names;
  for (const Declaration& field : declarations.fields) names.push_back(field.name);
  return names;
}

Parameter* find_parameter(Profile& profile, std::string_view name) {
  for (auto& [key, parameter] : profile.parameters)
    if (key == name) return &parameter;
  return nullptr;
}

Parameter read_parameter(const TextNode::Entry& entry, const Declaration& declaration) {
  if (!entry.value.is_map())
    throw InputError(entry.value.mark, fmt::format("{}: expected {{value, kind, source}}, got {}",
                                                   entry.key, describe(entry.value)));
  ParameterHead head;
  constexpr std::array<std::string_view, 1> kValue{"value"};
  bind_mapping(entry.value, ParameterHead::declarations(), &head, kValue);
  if (head.source.empty())
    throw InputError(entry.value.entry("source")->value.mark,
                     fmt::format("{}: the source must not be empty", entry.key));
  const TextNode::Entry* value = entry.value.entry("value");
  if (!value) throw InputError(entry.value.mark, fmt::format("{}: missing key 'value'", entry.key));

  // The declaration names the parameter; the key of the value is always `value`.
  Parameter parameter;
  parameter.value = parse_value(value->value, declaration);
  parameter.source = head.source;
  parameter.kind = source_kind(head.kind);
  parameter.role = head.role;
  return parameter;
}

const Declarations& declarations_of(const ModelCatalogue& models, const std::string& model,
                                    const SourceMark& mark) {
  const auto found = models.find(model);
  if (found != models.end()) return *found->second;
  std::vector<std::string> names;
  for (const auto& [name, declarations] : models) names.push_back(name);
  throw unknown_name(mark, "model", model, names);
}

// The profile before its own parameters: empty, or a copy of the one it extends.
Profile start_of(const ProfileHead& head, const TextNode& document, const ProfileLookup& extended) {
  Profile profile;
  if (head.extends) {
    const SourceMark& reference = document.entry("extends")->value.mark;
    if (!extended) throw InputError(reference, "this profile cannot extend another one");
    profile = extended(*head.extends, reference);
    if (head.model && *head.model != profile.model)
      throw InputError(document.entry("model")->value.mark,
                       fmt::format("profile '{}' is for model '{}', but '{}', which it extends, "
                                   "is for model '{}'",
                                   head.profile, *head.model, *head.extends, profile.model));
  } else if (!head.model) {
    throw InputError(document.mark, "missing key 'model' (the model it parametrises)");
  } else {
    profile.model = *head.model;
  }
  profile.name = head.profile;
  profile.title = head.title;
  return profile;
}

void set_parameter(Profile& profile, const std::string& name, Parameter parameter) {
  if (Parameter* existing = find_parameter(profile, name)) *existing = std::move(parameter);
  else profile.parameters.emplace_back(name, std::move(parameter));
}

void complete(Profile& profile, const Declarations& declarations, const SourceMark& mark) {
  std::vector<std::pair<std::string, Parameter>> ordered;
  for (const Declaration& field : declarations.fields) {
    if (Parameter* given = find_parameter(profile, field.name)) {
      ordered.emplace_back(field.name, std::move(*given));
    } else if (!field.fallback) {
      throw InputError(mark, fmt::format("profile '{}' lacks parameter '{}' ({})", profile.name,
                                         field.name, field.help));
    } else {
      const auto* text = std::get_if<std::string>(&*field.fallback);
      if (text && text->empty()) continue;  // optional, and left empty
      ordered.emplace_back(
          field.name,
          Parameter{*field.fallback, "default of model " + profile.model, SourceKind::assumed, {}});
    }
  }
  profile.parameters = std::move(ordered);
}

}  // namespace

std::string_view source_kind_name(SourceKind kind) {
  switch (kind) {
    case SourceKind::measured: return "measured";
    case SourceKind::datasheet: return "datasheet";
    case SourceKind::paper: return "paper";
    case SourceKind::assumed: return "assumed";
    case SourceKind::scenario: break;
  }
  return "scenario";
}

Profile load_profile(const TextNode& document, const ModelCatalogue& models,
                     const ProfileLookup& extended) {
  ProfileHead head;
  constexpr std::array<std::string_view, 1> kParameters{"parameters"};
  bind_mapping(document, ProfileHead::declarations(), &head, kParameters);
  Profile profile = start_of(head, document, extended);
  const TextNode::Entry* model = document.entry("model");
  const Declarations& declarations =
      declarations_of(models, profile.model, model ? model->value.mark : document.mark);

  const TextNode::Entry* given = document.entry("parameters");
  if (given && !given->value.is_map() && !given->value.is_null())
    throw InputError(given->value.mark,
                     fmt::format("parameters: expected a mapping, got {}", describe(given->value)));
  if (given) {
    for (const TextNode::Entry& entry : given->value.entries) {
      const Declaration* field = declarations.find(entry.key);
      if (!field)
        throw unknown_name(entry.mark, fmt::format("parameter of model '{}'", profile.model),
                           entry.key, field_names(declarations));
      set_parameter(profile, entry.key, read_parameter(entry, *field));
    }
  }
  complete(profile, declarations, given ? given->mark : document.mark);
  return profile;
}

Profile with_overrides(Profile profile, const TextNode& map, const Declarations& declarations) {
  if (!map.is_map() && !map.is_null())
    throw InputError(map.mark, fmt::format("expected parameters of profile '{}', got {}",
                                           profile.name, describe(map)));
  for (const TextNode::Entry& entry : map.entries) {
    const Declaration* field = declarations.find(entry.key);
    if (!field)
      throw unknown_name(entry.mark, fmt::format("parameter of profile '{}'", profile.name),
                         entry.key, field_names(declarations));
    const SourceMark& mark = entry.value.mark;
    const bool is_argument = mark.file.starts_with("--set ");
    set_parameter(profile, entry.key,
                  {parse_value(entry.value, *field),
                   is_argument ? mark.file : fmt::format("{}:{}", mark.file, mark.line),
                   SourceKind::scenario,
                   {}});
  }
  return profile;
}

ProfileLibrary::ProfileLibrary(std::vector<std::string> directories, FileReader read,
                               DirectoryLister list, ModelCatalogue models)
    : read_(std::move(read)), list_(std::move(list)), models_(std::move(models)) {
  for (const std::string& directory : directories) {
    for (const std::string& file : list_(directory)) {
      if (!file.ends_with(kExtension)) continue;
      paths_.emplace(file.substr(0, file.size() - kExtension.size()),
                     (std::filesystem::path(directory) / file).lexically_normal().string());
    }
  }
}

const Profile& ProfileLibrary::get(const std::string& name, const SourceMark& reference) {
  if (const auto found = loaded_.find(name); found != loaded_.end()) return found->second;
  const auto path = paths_.find(name);
  if (path == paths_.end()) throw unknown_name(reference, "profile", name, names());
  if (std::find(chain_.begin(), chain_.end(), name) != chain_.end()) {
    const std::string chain = fmt::format("{}", fmt::join(chain_, " -> "));
    throw InputError(reference, fmt::format("profiles extend each other: {} -> {}", chain, name));
  }

  // The chain is as it was before also when this profile turns out to be wrong.
  struct Visit {
    std::vector<std::string>& chain;
    ~Visit() { chain.pop_back(); }
  };
  chain_.push_back(name);
  const Visit visit{chain_};
  const TextNode document = load_document(path->second, read_, list_);
  Profile profile =
      load_profile(document, models_,
                   [this](const std::string& other, const SourceMark& mark) -> const Profile& {
                     return get(other, mark);
                   });
  if (profile.name != name)
    throw InputError(document.entry("profile")->value.mark,
                     fmt::format("profile '{}' in a file named '{}.yaml'", profile.name, name));
  return loaded_.emplace(name, std::move(profile)).first->second;
}

std::vector<std::string> ProfileLibrary::names() const {
  std::vector<std::string> names;
  for (const auto& [name, path] : paths_) names.push_back(name);
  return names;
}

}  // namespace orrery
