#include "scenarios/systems/fleet/kubernetes_claims.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "scenarios/systems/fleet/demand_spec.hpp"
#include "scenarios/systems/fleet/kubernetes_object.hpp"

namespace orrery::kubectl {

namespace {

constexpr std::string_view kLiteio = "antstor.csi.alipay.com";
constexpr std::string_view kHostname = "kubernetes.io/hostname";

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

// Where the only node is named that a volume can be used on.
std::string only_host(const std::vector<control::NodeTerm>& terms) {
  if (terms.size() != 1) return {};
  for (const control::LabelRule& rule : terms.front())
    if (rule.is == control::LabelRule::Is::in && rule.values.size() == 1 &&
        (rule.is_about_name || rule.key == kHostname))
      return rule.values.front();
  return {};
}

std::vector<control::NodeTerm> topologies_of(const TextNode& object) {
  std::vector<control::NodeTerm> terms;
  for (const TextNode& topology : items_of(child(&object, "allowedTopologies"))) {
    control::NodeTerm& term = terms.emplace_back();
    for (const TextNode& each : items_of(child(&topology, "matchLabelExpressions"))) {
      control::LabelRule& rule = term.emplace_back();
      rule.key = text_at(each, "key");
      rule.values = texts_in(child(&each, "values"));
    }
  }
  return terms;
}

// Kinds of volumes that are older than CSI, by their provisioners.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kInTree = {{
    {"awsElasticBlockStore", "kubernetes.io/aws-ebs"},
    {"gcePersistentDisk", "kubernetes.io/gce-pd"},
    {"azureDisk", "kubernetes.io/azure-disk"},
    {"cinder", "kubernetes.io/cinder"},
}};

}  // namespace

Claims::Claims(std::vector<control::StorageClassSpec>& classes) : classes_(classes) {
  for (const control::StorageClassSpec& each : classes) {
    Class own;
    own.index = static_cast<std::uint32_t>(known_.size());
    own.provisioner = kLiteio;
    known_.emplace(each.name, std::move(own));
  }
}

Claims::Class& Claims::named(const std::string& name) {
  const auto [at, is_new] = known_.try_emplace(name);
  if (!is_new) return at->second;
  at->second.index = static_cast<std::uint32_t>(classes_.size());
  at->second.provisioner = kLiteio;
  classes_.push_back({name, control::PositionAdvice::none});
  return at->second;
}

void Claims::add_node(const control::NodeSpec& node) {
  nodes_.emplace(node.name, node.name);
  if (const std::string* host = control::find_label(node.labels, kHostname))
    nodes_.emplace(*host, node.name);
}

std::string Claims::node_of(const std::string& name) const {
  const auto found = nodes_.find(name);
  return found == nodes_.end() ? std::string{} : found->second;
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
    Class& made = known_[name];
    made.is_foreign = true;
    made.provisioner = provisioner;
    made.topologies = topologies_of(object);
    file.count("storage classes of other provisioners, whose claims take nothing of the pools");
  } else {
    Class& made = named(name);
    classes_[made.index].position = advice;
    made.topologies = topologies_of(object);
    if (text_at(object, "volumeBindingMode") == "Immediate")
      file.count("storage classes of Immediate binding, whose volumes come with their pods here");
  }
  if (either(object, "storageclass.kubernetes.io/is-default-class",
             "storageclass.beta.kubernetes.io/is-default-class") != "true")
    return;
  // Of several the newest one, and of several of one moment the first by name.
  const std::string created = text_at(object, "metadata", "creationTimestamp");
  if (!default_ || created > default_->created ||
      (created == default_->created && name < default_->name))
    default_ = {created, name};
}

void Claims::add_volume(const TextNode& object, File& file) {
  Volume volume;
  volume.driver = text_at(object, "spec", "csi", "driver");
  for (const auto& [kind, provisioner] : kInTree)
    if (has(object, "spec", kind)) volume.driver = provisioner;
  volume.terms = terms_of(child(&object, "spec", "nodeAffinity", "required"));
  for (const char* label :
       {"topology.kubernetes.io/zone", "topology.kubernetes.io/region",
        "failure-domain.beta.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/region"})
    if (volume.terms.empty() && has(object, "metadata", "labels", label)) {
      file.count("volumes that only labels keep to a zone or region, of which nothing is made");
      break;
    }
  if (!volumes_.emplace(name_of(object), std::move(volume)).second)
    throw BrokenObject{"a volume of this name is there already"};
}

std::string Claims::set_kind(const TextNode& object, Claim& claim, File& file) {
  const std::string phase = text_at(object, "status", "phase");
  claim.is_bound = phase == "Bound" || !text_at(object, "spec", "volumeName").empty();
  const std::string provisioner = either(object, "volume.kubernetes.io/storage-provisioner",
                                         "volume.beta.kubernetes.io/storage-provisioner");
  std::string name = text_at(object, "spec", "storageClassName");
  if (name.empty()) name = annotation(object, "volume.beta.kubernetes.io/storage-class");
  const TextNode* const given = child(&object, "spec", "storageClassName");
  const bool wants_none = name.empty() && given != nullptr && given->is_scalar();
  // A claim that was bound without a class has whatever was the default then.
  const bool is_known_by_provisioner = claim.is_bound && !provisioner.empty();
  if (name.empty() && !wants_none && default_ && !is_known_by_provisioner) name = default_->name;
  const auto known = known_.find(name);
  std::string trouble;
  bool is_foreign = false;
  claim.provisioner = provisioner;
  if (!name.empty() && known != known_.end()) {
    is_foreign = known->second.is_foreign;
    claim.spec.storage_class = known->second.index;
    if (!known->second.provisioner.empty()) claim.provisioner = known->second.provisioner;
    if (!claim.is_bound) claim.terms = known->second.topologies;
  } else if (provisioner == kLiteio && (claim.is_bound || !name.empty())) {
    claim.spec.storage_class = named(name).index;
  } else if (claim.is_bound) {
    is_foreign = true;
    if (!name.empty())
      file.count("claims of storage classes that are not here: taken for other provisioners'");
  } else {
    claim.kind = Claim::Kind::never_bound;
    if (!name.empty()) trouble = fmt::format("there is no StorageClass '{}'", name);
    else
      file.count(wants_none ? "claims of no class wait for a volume that somebody makes by hand"
                            : "claims name no class, and none is the default: they stay Pending");
  }
  if (is_foreign) {
    claim.kind = Claim::Kind::foreign;
    file.count("claims of other provisioners, which take nothing of the pools");
  }
  claim.is_going = !text_at(object, "metadata", "deletionTimestamp").empty();
  if (phase == "Lost") claim.kind = Claim::Kind::never_bound;
  if (phase == "Lost" || claim.is_going) {
    file.count("claims are lost or being deleted: pods that wait for them never run");
    trouble.clear();
  }
  return trouble;
}

void Claims::set_place(const TextNode& object, Claim& claim, File& file) const {
  const std::string chosen = annotation(object, "volume.kubernetes.io/selected-node");
  if (!claim.is_bound) {
    if (!chosen.empty())
      file.count("claims whose volume is to be made for a node that was chosen: it is chosen anew");
    return;
  }
  const auto volume = volumes_.find(text_at(object, "spec", "volumeName"));
  if (volume != volumes_.end()) {
    claim.terms = volume->second.terms;
    if (claim.provisioner.empty()) claim.provisioner = volume->second.driver;
  }
  claim.lies_somewhere = volume == volumes_.end();
  if (claim.kind != Claim::Kind::liteio) return;
  claim.spec.lies_on = node_of(only_host(claim.terms));
  if (!claim.spec.lies_on.empty()) claim.terms.clear();  // follows from its class
  else claim.spec.lies_on = node_of(chosen);
  claim.lies_somewhere = claim.spec.lies_on.empty();
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
  const std::string trouble = set_kind(object, claim, file);
  set_place(object, claim, file);
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
  claims_.emplace(key, std::move(claim));
  if (!trouble.empty()) throw BrokenObject{trouble};
}

Claim* Claims::made_from(const TextNode& claim_template, const std::string& space,
                         const std::string& name, std::string_view phase, File& file) {
  const auto entry = [](std::string key, TextNode value) {
    return TextNode::Entry{std::move(key), {}, std::move(value)};
  };
  TextNode metadata = TextNode::map();
  for (const TextNode::Entry& each : entries_of(child(&claim_template, "metadata")))
    if (each.key != "name" && each.key != "namespace") metadata.entries.push_back(each);
  metadata.entries.push_back(entry("name", TextNode::scalar(name)));
  metadata.entries.push_back(entry("namespace", TextNode::scalar(space)));
  TextNode status = TextNode::map();
  status.entries.push_back(entry("phase", TextNode::scalar(std::string(phase))));
  TextNode object = TextNode::map(claim_template.mark);
  object.entries.push_back(entry("metadata", std::move(metadata)));
  if (const TextNode* spec = child(&claim_template, "spec"))
    object.entries.push_back(entry("spec", *spec));
  object.entries.push_back(entry("status", std::move(status)));
  try {
    add_claim(object, file);
  } catch (const BrokenObject& broken) {
    file.count(fmt::format("claims of pods' own volumes cannot be made: {}", broken.reason));
  }
  return find(space, name);
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
