// A real cluster as `kubectl get nodes,pods,pvc,sc -A -o yaml` prints it: nodes, storage classes, claims and pods.
//
//   Node                   allocatable cpu and memory; its disk is allocatable `sds/local-storage`, else label
//                          obnvmf/local-storage-bytes, else none. Label custom.k8s.alipay.com/nvmf-pool-mode=SpdkLVStore says what
//                          manages the pool, KernelLVM if it is not there. Taints, labels, unschedulable.
//   StorageClass           parameters.positionAdvice
//   PersistentVolumeClaim  requests.storage, storageClassName; annotations custom.k8s.alipay.com/sds-position-advice,
//                          obnvmf/snapshot-reserved-bytes and obnvmf/pool-label-selector (key=value, ...)
//   Pod                    requests of its containers as the scheduler counts them (init containers one after the other, sidecars
//                          throughout, overhead), claims, nodeSelector, tolerations, nodeName. App: label app, else
//                          app.kubernetes.io/name, else its owner. Label antstor.csi.alipay.com/data-holder of a claim or the pod.
//
// The output may have up to 64 MiB and 2,000,000 values (some 25,000 pods; a second per 3 MB), and may be JSON.
//
// Pods with a node run there from the start, those without wait from then on, in the order of their creation; all stay. Finished pods are
// left out. Affinity and topology rules are not modelled. What was left out, and kinds that nobody knows, is noted with its count.
#pragma once

#include <string>
#include <string_view>

#include "scenarios/systems/fleet/demand_draft.hpp"

namespace orrery {

// Throws InputError for what is no such output, and where no object can be used.
void read_kubernetes(std::string_view text, const std::string& file, DemandDraft& draft);

}  // namespace orrery
