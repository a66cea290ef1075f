// A real cluster as `kubectl get nodes,pods,pvc,sc -A -o yaml` prints it: nodes, storage classes,
// claims and pods, in one file or several.
//
//   Node                   allocatable (else capacity): cpu, memory, pods (110 if not said) and
//                          whatever else is given out: GPUs, huge pages, ephemeral storage,
//                          extended resources, volumes attached per driver. Its disk is `sds/local-storage`, else label
//                          obnvmf/local-storage-bytes, else none. Label
//                          custom.k8s.alipay.com/nvmf-pool-mode=SpdkLVStore says what manages the
//                          pool, KernelLVM if it is not there. Taints with their effects,
//                          conditions (one that is not Ready is dead), labels, unschedulable.
//   StorageClass           provisioner, parameters.positionAdvice, allowedTopologies, whether it is
//                          the default
//   PersistentVolume       required node affinity, driver; not needed, and where volumes are is
//                          guessed without
//   PersistentVolumeClaim  requests.storage, storageClassName, accessModes, whether it is bound,
//                          being deleted or lost; annotations volume.kubernetes.io/selected-node,
//                          custom.k8s.alipay.com/sds-position-advice,
//                          obnvmf/snapshot-reserved-bytes and obnvmf/pool-label-selector
//                          (key=value, ...)
//   Pod                    requests of its containers as the scheduler counts them (init containers
//                          one after the other, sidecars throughout, overhead), claims, its own
//                          (volumeClaimTemplate) included,
//                          nodeSelector, required node affinity, tolerations with their values and
//                          effects, host ports, nodeName. App: label app, else
//                          app.kubernetes.io/name, else its owner. Label
//                          antstor.csi.alipay.com/data-holder of a claim or the pod.
//
// A file may have up to 64 MiB and 2,000,000 values (some 25,000 pods; a second per 3 MB), and may
// be JSON.
//
// Pods with a node run there from the start, those without wait from then on, in the order of their
// creation; all stay. Finished pods and those being deleted are left out. What schedules and is not
// modelled (preferences, affinity to pods, topology spread, priorities) is noted with its count, as
// are kinds that nobody knows.
#pragma once

#include <span>
#include <string>

#include "scenarios/systems/fleet/demand_draft.hpp"

namespace orrery {

struct KubernetesText {
  std::string text;
  std::string file;
};

// Reads all files as one cluster. Throws InputError for what is no such output, and where no object
// of a file can be used.
void read_kubernetes(std::span<const KubernetesText> texts, DemandDraft& draft);

}  // namespace orrery
