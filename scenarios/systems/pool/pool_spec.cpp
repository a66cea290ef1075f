#include "scenarios/systems/pool/pool_spec.hpp"

#include "models/pool/volume_spec.hpp"

namespace orrery {

SharingLimits sharing_limits(const PoolSection& pool) {
  return {pool.max_remote_volumes, pool.max_sharing_nodes};
}

const Declarations& PoolSection::declarations() {
  static const Declarations all =
      Declare<PoolSection>("pool: storage engines, how volumes are attached, who may share")
          .field("engine", &PoolSection::engine, "profile of the storage engines")
          .otherwise(std::string{"lightpool"})
          .field("initiator", &PoolSection::initiator, "profile of the hosts' kernel")
          .otherwise(std::string{"linux-initiator"})
          .field("operations", &PoolSection::operations, "profile of hot upgrade and hot migration")
          .otherwise(std::string{"liteio"})
          .field("tcp", &PoolSection::tcp, "profile of NVMe/TCP on the wire")
          .otherwise(std::string{"nvme-tcp"})
          .field("rdma", &PoolSection::rdma, "profile of RDMA")
          .otherwise(std::string{"rdma"})
          .field("tier", &PoolSection::tier, "profile of the cache in front of a capacity tier")
          .otherwise(std::string{"cache-tier"})
          .field("path", &PoolSection::path,
                 "how volumes of `volumes` are attached; auto: zero_copy where their host's own "
                 "pool has room, else remote_path")
          .one_of(paths_and_auto())
          .otherwise(std::string{"auto"})
          .field("remote_path", &PoolSection::remote_path, "how volumes on other nodes are")
          .one_of({"remote_tcp", "remote_rdma"})
          .otherwise(std::string{"remote_tcp"})
          .field("remote_volumes", &PoolSection::remote_volumes,
                 "of each server's volumes, how many lie on other nodes", between(0, 100000))
          .otherwise(std::int64_t{0})
          .field("max_remote_volumes", &PoolSection::max_remote_volumes,
                 "volumes of other nodes that a pool serves", between(0, 100000))
          .otherwise(std::int64_t{3})
          .field("max_sharing_nodes", &PoolSection::max_sharing_nodes,
                 "other nodes that a pool serves", between(0, 100000))
          .otherwise(std::int64_t{5})
          .build();
  return all;
}

}  // namespace orrery
