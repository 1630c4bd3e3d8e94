/** Policies that AWS keeps itself, and may change: what each lets its holder do, as AWS' managed policy reference says. */
const MANAGED: Readonly<Record<string, string>> = {
  AmazonEKSWorkerNodePolicy: "lets a node join the cluster, and read what EC2 knows of it",
  AmazonEKS_CNI_Policy: "lets the network plugin attach interfaces and addresses to nodes",
  AmazonEC2ContainerRegistryPullOnly: "lets a node pull images from ECR, and nothing else there",
  AmazonSSMManagedInstanceCore: "lets Systems Manager open a session on the node: there is no SSH",
  AmazonEBSCSIDriverPolicyV2: "lets the driver make, attach, snapshot and delete the EBS volumes that it tagged",
};

export function managedName(arn: string): string {
  return arn.split("/").at(-1) ?? arn;
}

/** What the policy lets its holder do, or nothing where nobody has written it down here. */
export function managedText(arn: string): string | undefined {
  return MANAGED[managedName(arn)];
}
