// A pooled volume is a volume, whatever way leads to it and whatever lies behind it.
#include "scenarios/system.hpp"
#include "scenarios/text/document.hpp"
#include "tests/models/net/rig.hpp"
#include "tests/models/volume/block_volume_contract.hpp"

namespace orrery {
namespace volume_contract_test {

Scenario pool_with(const std::string& volume) {
  const TextNode text = parse_document(R"(
scenario: pool
system: pool
compute: {servers: 1, racks: 1, node: pool-25g, ssd: p4510-2tb, ssds_per_server: 2}
storage: {servers: 2, racks: 1, node: pool-25g, ssd: p4510-2tb, ssds_per_server: 2, capacity_ssd: d5-p5316, capacity_ssds_per_server: 1}
logical_volumes: [{name: v, host: compute-0, size: 64MiB, )" +
                                           volume + R"(}]
workload: [{name: job}]
)",
                                       "pool.yaml");
  ProfileLibrary library({"scenarios/profiles"}, disk_reader(), disk_lister(), model_catalogue());
  return load_scenario(text, library);
}

class PoolRigBase {
 public:
  explicit PoolRigBase(const std::string& volume)
      : of_(pool_with(volume)), testbed_(calendar_, scope_, of_) {}
  ~PoolRigBase() { scope_.clear(); }
  Calendar& calendar() { return calendar_; }
  BlockVolume& volume() { return *testbed_.volumes()[0]; }

 private:
  Calendar calendar_;
  TaskScope scope_;
  Scenario of_;
  System testbed_;
};

struct NativeRig : PoolRigBase {
  NativeRig() : PoolRigBase("path: native") {}
};
struct ZeroCopyRig : PoolRigBase {
  ZeroCopyRig() : PoolRigBase("path: zero_copy") {}
};
struct VhostRig : PoolRigBase {
  VhostRig() : PoolRigBase("path: vhost") {}
};
struct LoopbackRig : PoolRigBase {
  LoopbackRig() : PoolRigBase("path: loopback_tcp") {}
};
struct RemoteTcpRig : PoolRigBase {
  RemoteTcpRig() : PoolRigBase("on: storage-0, path: remote_tcp") {}
};
struct RemoteRdmaRig : PoolRigBase {
  RemoteRdmaRig() : PoolRigBase("on: storage-0, path: remote_rdma") {}
};
struct StripedRig : PoolRigBase {
  StripedRig() : PoolRigBase("layout: striped") {}
};
struct MirrorInOneNodeRig : PoolRigBase {
  MirrorInOneNodeRig() : PoolRigBase("raid: raid1") {}
};
struct MirrorOverNodesRig : PoolRigBase {
  MirrorOverNodesRig() : PoolRigBase("on: [storage-0, storage-1], raid: raid1") {}
};
struct StripedOverNodesRig : PoolRigBase {
  StripedOverNodesRig() : PoolRigBase("on: [storage-0, storage-1], raid: raid0") {}
};
struct CachedRig : PoolRigBase {
  CachedRig() : PoolRigBase("on: storage-0, tier: cached, cache: 8MiB") {}
};
struct SnapshotRig : PoolRigBase {
  SnapshotRig() : PoolRigBase("thin: true, snapshots: 3") {}
};

INSTANTIATE_TYPED_TEST_SUITE_P(Native, BlockVolumeContract, NativeRig);
INSTANTIATE_TYPED_TEST_SUITE_P(ZeroCopy, BlockVolumeContract, ZeroCopyRig);
INSTANTIATE_TYPED_TEST_SUITE_P(Vhost, BlockVolumeContract, VhostRig);
INSTANTIATE_TYPED_TEST_SUITE_P(Loopback, BlockVolumeContract, LoopbackRig);
INSTANTIATE_TYPED_TEST_SUITE_P(RemoteTcp, BlockVolumeContract, RemoteTcpRig);
INSTANTIATE_TYPED_TEST_SUITE_P(RemoteRdma, BlockVolumeContract, RemoteRdmaRig);
INSTANTIATE_TYPED_TEST_SUITE_P(StripedInPool, BlockVolumeContract, StripedRig);
INSTANTIATE_TYPED_TEST_SUITE_P(MirrorInOneNode, BlockVolumeContract, MirrorInOneNodeRig);
INSTANTIATE_TYPED_TEST_SUITE_P(MirrorOverNodes, BlockVolumeContract, MirrorOverNodesRig);
INSTANTIATE_TYPED_TEST_SUITE_P(StripedOverNodes, BlockVolumeContract, StripedOverNodesRig);
INSTANTIATE_TYPED_TEST_SUITE_P(CachedInPool, BlockVolumeContract, CachedRig);
INSTANTIATE_TYPED_TEST_SUITE_P(BehindSnapshots, BlockVolumeContract, SnapshotRig);

}  // namespace volume_contract_test
}  // namespace orrery
