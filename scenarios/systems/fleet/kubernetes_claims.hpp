// The StorageClasses and PersistentVolumeClaims of what kubectl prints: which of them are volumes
// of LiteIO, and which take nothing of its pools.
//
// A claim is LiteIO's if its class is, or if its class is not here but an annotation names LiteIO's
// provisioner. One of another provisioner costs nothing here. One that can never be bound (no
// class and no default, lost) keeps its waiting pods from running, one that is being deleted keeps
// new pods off.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "models/control/objects.hpp"
#include "scenarios/systems/fleet/kubernetes_documents.hpp"

namespace orrery::kubectl {

struct Claim {
  enum class Kind : std::uint8_t { liteio, foreign, never_bound };
  Kind kind = Kind::liteio;
  control::ClaimSpec spec;
  control::Selector pool_selector;
  std::string data_holder;
  std::string provisioner;               // empty: not known
  std::vector<control::NodeTerm> terms;  // nodes that its volume can be used on; none: all
  bool is_bound = false;
  bool is_going = false;        // being deleted, as soon as no pod uses it
  bool is_of_one_node = true;   // ReadWriteOnce and nothing wider
  bool is_of_one_pod = false;   // ReadWriteOncePod
  bool lies_somewhere = false;  // bound, but nothing says where
  std::string node;             // of the first pod that uses it, if that runs already
  int users = 0;
  File* file = nullptr;
};

class Claims {
 public:
  // What the scenario itself says of classes comes first.
  explicit Claims(std::vector<control::StorageClassSpec>& classes);

  // A node that volumes may lie on, by its name and its label kubernetes.io/hostname.
  void add_node(const control::NodeSpec& node);

  // Throw BrokenObject.
  void add_class(const TextNode& object, File& file);
  void add_volume(const TextNode& object, File& file);  // a PersistentVolume
  void add_claim(const TextNode& object, File& file);
  // The claim that a pod's `volumeClaimTemplate` stands for, where it is not among the claims.
  // `phase`: the one that it would have. Never throws: what is wrong with it is noted.
  Claim* made_from(const TextNode& claim_template, const std::string& space,
                   const std::string& name, std::string_view phase, File& file);

  Claim* find(const std::string& space, const std::string& name);
  // Remarks on those that nobody uses.
  void close();

 private:
  struct Class {
    bool is_foreign = false;
    std::uint32_t index = 0;
    std::string provisioner;
    std::vector<control::NodeTerm> topologies;
  };
  struct Volume {
    std::string driver;
    std::vector<control::NodeTerm> terms;
  };
  struct Default {
    std::string created, name;
  };
  Class& named(const std::string& name);
  // Returns why it can never be bound, where that is a mistake.
  std::string set_kind(const TextNode& object, Claim& claim, File& file);
  // Where its volume is, as far as it is said.
  void set_place(const TextNode& object, Claim& claim, File& file) const;
  std::string node_of(const std::string& name) const;

  std::vector<control::StorageClassSpec>& classes_;
  std::map<std::string, Class> known_;
  std::optional<Default> default_;
  std::unordered_map<std::string, std::string> nodes_;
  std::unordered_map<std::string, Volume> volumes_;
  std::map<std::string, Claim> claims_;  // namespace/name
};

}  // namespace orrery::kubectl
