// The StorageClasses and PersistentVolumeClaims of what kubectl prints: which of them are volumes
// of LiteIO, and which take nothing of its pools.
//
// A claim is LiteIO's if its class is, or if its class is not here but an annotation names LiteIO's
// provisioner. One of another provisioner costs nothing here. One that can never be bound (no
// class, lost, being deleted) keeps its waiting pods from running.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "models/control/objects.hpp"
#include "scenarios/systems/fleet/kubernetes_documents.hpp"

namespace orrery::kubectl {

struct Claim {
  enum class Kind : std::uint8_t { liteio, foreign, never_bound };
  Kind kind = Kind::liteio;
  control::ClaimSpec spec;
  control::Selector pool_selector;
  std::string data_holder;
  bool is_of_one_node = true;  // ReadWriteOnce and nothing wider
  bool is_of_one_pod = false;  // ReadWriteOncePod
  std::string node;            // of the first pod that uses it, if that runs already
  int users = 0;
  File* file = nullptr;
};

class Claims {
 public:
  // What the scenario itself says of classes comes first.
  explicit Claims(std::vector<control::StorageClassSpec>& classes);

  // Throw BrokenObject.
  void add_class(const TextNode& object, File& file);
  void add_claim(const TextNode& object, File& file);

  Claim* find(const std::string& space, const std::string& name);
  // Remarks on those that nobody uses.
  void close();

 private:
  struct Class {
    bool is_foreign = false;
    std::uint32_t index = 0;
  };
  Class named(const std::string& name);
  void set_kind(const TextNode& object, Claim& claim, File& file);

  std::vector<control::StorageClassSpec>& classes_;
  std::map<std::string, Class> known_;
  Class default_;
  std::map<std::string, Claim> claims_;  // namespace/name
};

}  // namespace orrery::kubectl
