/** For each rule: what breaks it in the real program, and where the rule sees it. */
import { inDocument, setting, Spoil } from "./spoilt";

const container = ({ inputs }: { inputs: any }) => inputs.spec.template.spec.containers[0];
const allow = (more: object): Spoil =>
  inDocument("policy", (statements) => statements.push({ Sid: "New", Effect: "Allow", ...more }));
const opened: Spoil = ({ inputs }) => {
  delete inputs.referencedSecurityGroupId;
  inputs.cidrIpv4 = "0.0.0.0/0";
};
const tls: Spoil = inDocument("policy", (statements) => {
  const index = statements.findIndex(({ Condition }) => Condition.Bool?.["aws:SecureTransport"] === "false");
  statements.splice(index, 1);
});

const publicly =
  (publicAccessCidrs: string[] | undefined): Spoil =>
  ({ inputs }) =>
    Object.assign(inputs, { endpointPublicAccess: true, publicAccessCidrs });

/** Rule; resource, with its type where several share the name; what is changed; where the rule sees it. */
export const BROKEN: [rule: string, resource: string, spoil: Spoil, path: string, stack?: string][] = [
  ["network-is-closed", "shared-database-network-from-cluster", opened, "cidrIpv4"],
  ["network-is-closed", "filestore-network-from-cluster", setting("cidrIpv6", "::/0"), "cidrIpv6"],
  ["network-is-closed", "front-door-into-cluster-8443", setting("cidrIpv4", "128.0.0.0/1"), "cidrIpv4"],
  ["network-is-closed", "front-door-from-internet-443", setting("toPort", 8443), "cidrIpv4"],
  [
    "network-is-closed",
    "shared-database-network-security-group",
    setting("ingress", [{ protocol: "-1", fromPort: 0, toPort: 0, ipv6CidrBlocks: ["2000::/3"] }]),
    "ingress[0].ipv6CidrBlocks",
  ],
  ["databases-are-private", "shared-database-instance", setting("publiclyAccessible", true), "publiclyAccessible"],
  [
    "databases-are-private",
    "wordpress-clone",
    ({ inputs }) => (inputs.spec.resources[3].template.spec.publiclyAccessible = true),
    "spec.resources[3].template.spec.publiclyAccessible",
  ],
  ["cluster-is-closed", "eks-eks", setting("authenticationMode", "API_AND_CONFIG_MAP"), "authenticationMode"],
  ["cluster-is-closed", "eks-eks", setting("endpointPrivateAccess", false), "endpointPrivateAccess"],
  ["cluster-is-closed", "eks-eks", publicly(["203.0.113.0/24", "0.0.0.0/0"]), "publicAccessCidrs"],
  ["cluster-is-closed", "eks-eks", publicly(undefined), "publicAccessCidrs"],
  ["cluster-is-closed", "eks-eks", setting("enabledClusterLogTypes", ["api"]), "enabledClusterLogTypes"],
  ["rights-are-narrow", "flow-logs-write", allow({ Action: "*", Resource: "*" }), "policy New"],
  ["rights-are-narrow", "flow-logs-write", allow({ Action: ["s3:*"], Resource: ["*"] }), "policy New"],
  ["rights-are-narrow", "flow-logs-write", allow({ NotAction: "iam:*", Resource: "a" }), "policy New"],
  ["rights-are-narrow", "flow-logs-write", allow({ Action: "s3:*", NotResource: "a" }), "policy New"],
  ["rights-are-narrow", "storage-backups-policy", allow({ Principal: "*", Action: "s3:GetObject" }), "policy New"],
  [
    "rights-are-narrow",
    "nodes-interruption-policy",
    allow({ Principal: { AWS: ["*"] }, Action: "sqs:A" }),
    "policy New",
  ],
  ["rights-are-narrow", "filestore-policy", allow({ NotPrincipal: { AWS: "a" }, Action: "b" }), "policy New"],
  [
    "rights-are-narrow",
    "key-key",
    allow({ Principal: { Service: "a" }, Action: "kms:*", Resource: "*" }),
    "policy New",
  ],
  [
    "rights-are-narrow",
    "flow-logs-role",
    inDocument("assumeRolePolicy", ([statement]) => {
      delete statement.Condition;
      statement.Principal = { AWS: "*" };
    }),
    "assumeRolePolicy AllowFlowLogsToAssumeRole",
  ],
  [
    "rights-are-narrow",
    "flow-logs-role",
    setting("inlinePolicies", [
      { policy: JSON.stringify({ Statement: { Effect: "Allow", Action: "ec2:*", Resource: "*" } }) },
    ]),
    "inlinePolicies[0].policy Statement[0]",
  ],
  [
    "rights-are-narrow",
    "system-nodes-AmazonEKS_CNI_Policy",
    setting("policyArn", "arn:aws:iam::aws:policy/AmazonEC2FullAccess"),
    "policyArn",
  ],
  ["encrypted-at-rest", "shared-database-instance", setting("storageEncrypted", false), "storageEncrypted"],
  ["encrypted-at-rest", "filestore-file-system", setting("encrypted", undefined), "encrypted"],
  [
    "encrypted-at-rest",
    "system-template",
    ({ inputs }) => (inputs.blockDeviceMappings[0].ebs.encrypted = "false"),
    "blockDeviceMappings[0].ebs.encrypted",
  ],
  [
    "encrypted-at-rest",
    "system-template",
    setting("blockDeviceMappings", undefined),
    "blockDeviceMappings.ebs.encrypted",
  ],
  [
    "encrypted-at-rest",
    "nodes-general-class",
    ({ inputs }) => (inputs.spec.blockDeviceMappings[0].ebs.encrypted = false),
    "spec.blockDeviceMappings[0].ebs.encrypted",
  ],
  ["encrypted-at-rest", "nodes-interruption-queue", setting("sqsManagedSseEnabled", false), "sqsManagedSseEnabled"],
  ["encrypted-at-rest", "eks-logs", setting("kmsKeyId", undefined), "kmsKeyId"],
  ["encrypted-at-rest", "eks-eks", setting("encryptionConfigKeyArn", undefined), "encryptionConfigKeyArn"],
  ["encrypted-at-rest", "storage-classes-block", setting("parameters.encrypted", "false"), "parameters.encrypted"],
  [
    "encrypted-at-rest",
    "storage-logs-encryption",
    ({ inputs }) => (inputs.rules[0].applyServerSideEncryptionByDefault = { sseAlgorithm: "AES256" }),
    "rules[0].applyServerSideEncryptionByDefault.kmsMasterKeyId",
  ],
  ["encrypted-in-transit", "storage-backups-policy", tls, "policy"],
  ["encrypted-in-transit", "filestore-policy", tls, "policy"],
  ["encrypted-in-transit", "nodes-interruption-policy", tls, "policy"],
  [
    "encrypted-in-transit",
    "front-door-http",
    setting("defaultActions", [{ type: "forward" }]),
    "defaultActions[0].redirect.protocol",
  ],
  ["encrypted-in-transit", "front-door-https", setting("sslPolicy", "ELBSecurityPolicy-2016-08"), "sslPolicy"],
  ["nothing-is-public-in-s3", "storage-logs-public-access", setting("blockPublicPolicy", false), "blockPublicPolicy"],
  ["buckets-are-versioned", "storage-backups-versioning", setting("versioningConfiguration.status", "Suspended"), "-"],
  [
    "metadata-needs-token",
    "system-template",
    setting("metadataOptions.httpTokens", "optional"),
    "metadataOptions.httpTokens",
  ],
  [
    "metadata-needs-token",
    "nodes-buffer-pool-class",
    setting("spec.metadataOptions.httpPutResponseHopLimit", 2),
    "spec.metadataOptions.httpPutResponseHopLimit",
  ],
  ["metadata-needs-token", "system-group", setting("launchTemplate", undefined), "launchTemplate"],
  [
    "pods-are-confined",
    "loomworks/odoo",
    (resource) => (container(resource).securityContext.privileged = true),
    "spec.template.spec.containers[0].securityContext.privileged",
  ],
  [
    "pods-are-confined",
    "clones/clone-redis",
    setting("spec.template.spec.hostNetwork", true),
    "spec.template.spec.hostNetwork",
  ],
  ["pods-are-confined", "nodes-buffer-pods", setting("spec.template.spec.hostPID", true), "spec.template.spec.hostPID"],
  [
    "pods-are-confined",
    "loomworks/postgres-backup",
    ({ inputs }) => inputs.spec.jobTemplate.spec.template.spec.volumes.unshift({ name: "a", hostPath: { path: "/" } }),
    "spec.jobTemplate.spec.template.spec.volumes[0].hostPath.path",
  ],
  [
    "pods-are-confined",
    "wordpress-clone",
    ({ inputs }) => (inputs.spec.resources[5].template.spec.template.spec.hostIPC = true),
    "spec.resources[5].template.spec.template.spec.hostIPC",
  ],
  [
    "namespaces-are-confined",
    "traefik-namespace",
    ({ inputs }) => (inputs.metadata.labels["pod-security.kubernetes.io/enforce"] = "privileged"),
    "metadata.labels.pod-security.kubernetes.io/enforce",
  ],
  [
    "namespaces-are-confined",
    "loomworks",
    setting("metadata.labels", undefined),
    "metadata.labels.pod-security.kubernetes.io/enforce",
  ],
  [
    "versions-are-pinned",
    "clones/clone-worker",
    (resource) => (container(resource).image = "registry.example.com:5000/clone-service"),
    "spec.template.spec.containers[0].image",
  ],
  [
    "versions-are-pinned",
    "loomworks/odoo-cron",
    (resource) => (container(resource).image = "docker.io/library/odoo:latest"),
    "spec.template.spec.containers[0].image",
  ],
  ["versions-are-pinned", "keda-release", setting("version", undefined), "version"],
  ["versions-are-pinned", "traefik-release", setting("version", "^41.0.0"), "version"],
  ["versions-are-pinned", "loki-release", setting("values.image", { tag: "latest" }), "values.image.tag"],
  ["versions-are-pinned", "system-coredns", setting("addonVersion", undefined), "addonVersion"],
  [
    "versions-are-pinned",
    "nodes-general-class",
    setting("spec.amiSelectorTerms", [{ alias: "al2023@latest" }]),
    "spec.amiSelectorTerms[0].alias",
  ],
  ["secrets-are-marked", "shared-database-instance", setting("password", "hunter2"), "password"],
  [
    "secrets-are-marked",
    "credentials-odoo-admin",
    setting("stringData", { password: "hunter2" }),
    "stringData.password",
  ],
  [
    "secrets-are-marked",
    "clones/clone-service",
    (resource) => container(resource).env.unshift({ name: "REDIS_PASSWORD", value: "hunter2" }),
    "spec.template.spec.containers[0].env[0].value",
  ],
  [
    "secrets-are-marked",
    "kube-prometheus-release",
    setting("values.grafana.adminPassword", "x"),
    "values.grafana.adminPassword",
  ],
  ["tagged-for-its-stack", "aws", setting("defaultTags", undefined), "defaultTags.tags.Project"],
  [
    "tagged-for-its-stack",
    "aws",
    setting("defaultTags", JSON.stringify({ tags: { Project: "a", ManagedBy: "b", Stack: "production" } })),
    "defaultTags.tags.Stack",
  ],
  [
    "tagged-for-its-stack",
    "system-template",
    setting("tagSpecifications.1.tags.Stack", "other"),
    "tagSpecifications[1].tags.Stack",
  ],
  ["tagged-for-its-stack", "nodes-general-class", setting("spec.tags.Project", undefined), "spec.tags.Project"],
  [
    "production-is-protected",
    "shared-database-instance",
    (one) => (one.protect = false),
    "options.protect",
    "production",
  ],
  [
    "production-is-protected",
    "shared-database-instance",
    setting("deletionProtection", false),
    "deletionProtection",
    "production",
  ],
  [
    "production-is-protected",
    "shared-database-instance",
    setting("skipFinalSnapshot", true),
    "skipFinalSnapshot",
    "production",
  ],
  ["production-is-protected", "eks-eks", setting("deletionProtection", undefined), "deletionProtection", "production"],
  ["production-is-protected", "filestore-file-system", (one) => (one.protect = false), "options.protect", "production"],
  ["production-is-protected", "storage-key-key", (one) => (one.protect = false), "options.protect", "production"],
  ["production-is-protected", "storage-backups-bucket", setting("forceDestroy", true), "forceDestroy", "production"],
  [
    "production-is-protected",
    "loomworks/postgres-data",
    (one) => (one.protect = false),
    "options.protect",
    "production",
  ],
];

/** Types of resources that share their name with others. */
export const TYPES: Readonly<Record<string, string>> = {
  "eks-eks": "Cluster",
  aws: "aws",
  loomworks: "Namespace",
  "loomworks/odoo": "Deployment",
  "loomworks/odoo-cron": "Deployment",
  "loomworks/postgres-backup": "CronJob",
  "clones/clone-redis": "StatefulSet",
  "clones/clone-worker": "Deployment",
  "clones/clone-service": "Deployment",
};
