#include "scenarios/systems/fleet/kubernetes_claims.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/systems/fleet/demand_spec.hpp"
#include "scenarios/systems/fleet/kubernetes_object.hpp"

namespace orrery::kubectl {

namespace {

constexpr std::string_view kLiteio = "antstor.csi.alipay.com";

// The first of two annotations, a later name and an earlier one.
std::string either(const TextNode& object, std::string_view now, std::string_view before) {
  std::string text = annotation(object, now);
  return text.empty() ? annotation(object, before) : text;
}

// "pool=fast,zone=a"; set expressions are not understood.
control::Selector selector_of(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  try {
    return parse_labels(parts, {});
  } catch (const InputError& error) {
    throw BrokenObject{fmt::format("obnvmf/pool-label-selector: {}", error.message())};
  }
}

}  // namespace

Claims::Claims(std::vector<control::StorageClassSpec>& classes) : classes_(classes) {
  for (const control::StorageClassSpec& each : classes)
    known_.emplace(each.name, Class{false, static_cast<std::uint32_t>(known_.size())});
}

Claims::Class Claims::named(const std::string& name) {
  const auto [at, is_new] =
      known_.try_emplace(name, Class{false, static_cast<std::uint32_t>(classes_.size())});
  if (is_new) classes_.push_back({name, control::PositionAdvice::none});
  return at->second;
}

void Claims::add_class(const TextNode& object, File& file) {
  const std::string name = name_of(object);
  const std::string provisioner = text_at(object, "provisioner");
  const bool is_foreign = !provisioner.empty() && provisioner != kLiteio;
  const auto advice = is_foreign ? control::PositionAdvice::none
                                 : advice_of(text_at(object, "parameters", "positionAdvice"));
  if (known_.contains(name)) {
    file.book.note(fmt::format("StorageClass '{}' is there already; this one does not count", name),
                   object.mark.line);
  } else if (is_foreign) {
    known_[name] = {true, 0};
    file.count("storage classes of other provisioners, whose claims take nothing of the pools");
  } else {
    classes_[named(name).index].position = advice;
    if (has(object, "allowedTopologies"))
      file.count("allowedTopologies of storage classes are ignored");
    if (text_at(object, "volumeBindingMode") == "Immediate")
      file.count("storage classes of Immediate binding, whose volumes come with their pods here");
  }
  if (either(object, "storageclass.kubernetes.io/is-default-class",
             "storageclass.beta.kubernetes.io/is-default-class") == "true")
    default_ = known_[name];
}

void Claims::set_kind(const TextNode& object, Claim& claim, File& file) {
  const std::string phase = text_at(object, "status", "phase");
  const bool is_bound = phase == "Bound" || !text_at(object, "spec", "volumeName").empty();
  const std::string provisioner = either(object, "volume.kubernetes.io/storage-provisioner",
                                         "volume.beta.kubernetes.io/storage-provisioner");
  std::string name = text_at(object, "spec", "storageClassName");
  if (name.empty()) name = annotation(object, "volume.beta.kubernetes.io/storage-class");
  const TextNode* const given = child(&object, "spec", "storageClassName");
  const bool wants_none = name.empty() && given != nullptr && given->is_scalar();
  const bool is_known = known_.contains(name);
  bool is_foreign = false;
  if (!name.empty() && is_known) {
    is_foreign = known_[name].is_foreign;
    claim.spec.storage_class = known_[name].index;
  } else if (!name.empty() || wants_none) {
    if (provisioner == kLiteio && !name.empty()) {
      claim.spec.storage_class = named(name).index;
    } else if (is_bound) {
      is_foreign = true;
      if (!wants_none)
        file.count("claims of storage classes that are not here: taken for other provisioners'");
    } else {
      claim.kind = Claim::Kind::never_bound;
    }
  } else {
    is_foreign = default_.is_foreign;
    claim.spec.storage_class = default_.index;
  }
  if (is_foreign) {
    claim.kind = Claim::Kind::foreign;
    file.count("claims of other provisioners, which take nothing of the pools");
  }
  if (phase == "Lost" || !text_at(object, "metadata", "deletionTimestamp").empty()) {
    claim.kind = Claim::Kind::never_bound;
    file.count("claims are lost or being deleted: pods that wait for them never run");
  }
}

void Claims::add_claim(const TextNode& object, File& file) {
  Claim claim;
  claim.file = &file;
  claim.spec.name = name_of(object);
  const std::string key = namespace_of(object) + "/" + claim.spec.name;
  if (claims_.contains(key)) throw BrokenObject{"a claim of this name is there already"};
  claim.spec.size =
      bytes_of("storage", text_at(object, "spec", "resources", "requests", "storage"));
  if (claim.spec.size == Bytes{}) throw BrokenObject{"it asks for no storage"};
  set_kind(object, claim, file);
  if (const std::string advice = annotation(object, "custom.k8s.alipay.com/sds-position-advice");
      !advice.empty())
    claim.spec.position = advice_of(advice);
  if (const std::string reserved = annotation(object, "obnvmf/snapshot-reserved-bytes");
      !reserved.empty())
    claim.spec.snapshot_reserved = bytes_of("obnvmf/snapshot-reserved-bytes", reserved);
  claim.pool_selector = selector_of(annotation(object, "obnvmf/pool-label-selector"));
  if (!annotation(object, "obnvmf/node-label-selector").empty())
    file.count("obnvmf/node-label-selector of claims is ignored");
  if (claim.kind == Claim::Kind::liteio && has(object, "spec", "selector"))
    file.count("selectors of volumes in claims are ignored");
  if (claim.kind == Claim::Kind::liteio &&
      (has(object, "spec", "dataSource") || has(object, "spec", "dataSourceRef")))
    file.count("claims that are filled from another volume or a snapshot: they begin empty");
  claim.data_holder = text_at(object, "metadata", "labels", "antstor.csi.alipay.com/data-holder");
  for (const std::string& mode : texts_in(child(&object, "spec", "accessModes"))) {
    if (mode == "ReadWriteMany" || mode == "ReadOnlyMany") claim.is_of_one_node = false;
    claim.is_of_one_pod |= mode == "ReadWriteOncePod";
  }
  const bool is_never_bound = claim.kind == Claim::Kind::never_bound;
  const bool is_lost = text_at(object, "status", "phase") == "Lost" ||
                       !text_at(object, "metadata", "deletionTimestamp").empty();
  claims_.emplace(key, std::move(claim));
  if (is_never_bound && !is_lost)
    throw BrokenObject{
        fmt::format("there is no StorageClass '{}'", text_at(object, "spec", "storageClassName"))};
}

Claim* Claims::find(const std::string& space, const std::string& name) {
  const auto found = claims_.find(space + "/" + name);
  return found == claims_.end() ? nullptr : &found->second;
}

void Claims::close() {
  for (auto& [key, claim] : claims_)
    if (claim.users == 0) claim.file->count("claims that no pod uses are left out");
}

}  // namespace orrery::kubectl
