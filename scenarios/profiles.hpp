// Profiles: the numbers of a model, each with the place it comes from.
//
//   profile: luna
//   model: luna
//   title: LUNA, TCP in user space
//   parameters:
//     transport_per_block: {value: 0.655us, kind: paper, source: "SIGCOMM'22 Table 1", role: CAL}
//
// `kind` is measured, datasheet, paper or assumed; `source` says where exactly and must not be
// empty; `role` says that the parameter was fitted to that figure (CAL) or follows from such
// figures by arithmetic (derived). Every parameter that the model declares must be given, except
// those with a default and optional ones. `extends: other` takes all parameters of another profile
// of the same model first.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/text/files.hpp"
#include "scenarios/text/text_node.hpp"
#include "sim/params.hpp"

namespace orrery {

// The declarations of every model that can have a profile, by the model's name; they must outlive
// the catalogue's users.
using ModelCatalogue = std::map<std::string, const Declarations*, std::less<>>;

// Finds the profile that another one extends; `reference` is the place of its name.
using ProfileLookup =
    std::function<const Profile&(const std::string& name, const SourceMark& reference)>;

// "measured", "datasheet", "paper", "assumed" or "scenario".
std::string_view source_kind_name(SourceKind kind);

// The profile in a document, its parameters in the order of the declarations. Throws InputError.
Profile load_profile(const TextNode& document, const ModelCatalogue& models,
                     const ProfileLookup& extended = {});

// The profile with single parameters changed by a scenario (`{window: 64KiB}`). What was changed is
// of kind `scenario`, with the place of the change as its source. Throws InputError.
Profile with_overrides(Profile profile, const TextNode& map, const Declarations& declarations);

// The profile files (NAME.yaml) of some directories. Files are read when they are first asked for,
// and once.
class ProfileLibrary {
 public:
  // An earlier directory hides profiles of the same name in later ones.
  ProfileLibrary(std::vector<std::string> directories, FileReader read, DirectoryLister list,
                 ModelCatalogue models);

  // Throws InputError: at the reference when there is no such profile, in the profile's file when
  // that is wrong. The profile lives as long as the library.
  const Profile& get(const std::string& name, const SourceMark& reference);

  std::vector<std::string> names() const;
  const ModelCatalogue& models() const { return models_; }
  const FileReader& reader() const { return read_; }

 private:
  FileReader read_;
  DirectoryLister list_;
  ModelCatalogue models_;
  std::map<std::string, std::string> paths_;  // by profile name
  std::map<std::string, Profile> loaded_;
  std::vector<std::string> chain_;  // profiles being loaded, each extended by the one before
};

}  // namespace orrery
