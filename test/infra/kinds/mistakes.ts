/** Mistakes in the program's objects that their makers' kinds must notice, and what the API server says of them. */
import type { SentObject } from "../../support/aws-plans";

/** One mistake. */
export interface Mistake {
  /** What is wrong, as the rest of "refuses …". */
  readonly what: string;
  readonly kind: string;
  /** Name of the object, where the stack has several of the kind. */
  readonly name?: string;
  readonly make: (spec: any, object: SentObject) => void;
  /** Part of the server's answer. */
  readonly answer: string;
}

/** The NodePool that the stack with fixed nodes has. */
const STATIC = "static-buffer-pool";

const NODE_POOLS: readonly Mistake[] = [
  {
    what: "a pool that doesn't say when nodes are consolidated",
    kind: "NodePool",
    make: ({ disruption }) => delete disruption.consolidateAfter,
    answer: "spec.disruption.consolidateAfter: Required value",
  },
  {
    what: "a label of Karpenter's own that isn't for people",
    kind: "NodePool",
    make: ({ template }) => template.spec.requirements.push({ key: "karpenter.sh/initialized", operator: "Exists" }),
    answer: 'label domain "karpenter.sh" is restricted',
  },
  {
    what: "a misspelt label of EC2",
    kind: "NodePool",
    name: "general",
    make: ({ template }) => {
      const category = template.spec.requirements.find(({ key }: any) => key.endsWith("/instance-category"));
      category.key = "karpenter.k8s.aws/instance-categories";
    },
    answer: 'label domain "karpenter.k8s.aws" is restricted',
  },
  {
    what: "two bounds in one requirement",
    kind: "NodePool",
    name: "general",
    make: ({ template }) => template.spec.requirements.find(({ operator }: any) => operator === "Gt").values.push("3"),
    answer: "must have a single positive integer value",
  },
  {
    what: "a budget with a schedule and no duration",
    kind: "NodePool",
    make: ({ disruption }) => disruption.budgets.push({ nodes: "0", schedule: "0 9 * * mon-fri" }),
    answer: "'schedule' must be set with 'duration'",
  },
  {
    what: "weight on fixed nodes",
    kind: "NodePool",
    name: STATIC,
    make: (spec) => (spec.weight = 10),
    answer: "'weight' is not supported on static NodePools",
  },
  {
    what: "CPU limits on fixed nodes",
    kind: "NodePool",
    name: STATIC,
    make: ({ limits }) => (limits.cpu = "8"),
    answer: "only 'limits.nodes' is supported on static NodePools",
  },
];

const NODE_CLASSES: readonly Mistake[] = [
  {
    what: "nodes of no image",
    kind: "EC2NodeClass",
    make: (spec) => delete spec.amiSelectorTerms,
    answer: "spec.amiSelectorTerms: Required value",
  },
  {
    what: "an image of a family that there isn't",
    kind: "EC2NodeClass",
    make: ({ amiSelectorTerms }) => (amiSelectorTerms[0].alias = "al2024@latest"),
    answer: "family is not supported",
  },
  {
    what: "a role and an instance profile",
    kind: "EC2NodeClass",
    make: (spec) => (spec.instanceProfile = "nodes"),
    answer: "must specify exactly one of ['role', 'instanceProfile']",
  },
  {
    what: "a group by id and by tags",
    kind: "EC2NodeClass",
    make: ({ securityGroupSelectorTerms }) =>
      (securityGroupSelectorTerms[0].tags = { "karpenter.sh/discovery": "one" }),
    answer: "'id' is mutually exclusive",
  },
  {
    what: "a tag that is Karpenter's",
    kind: "EC2NodeClass",
    make: ({ tags }) => (tags["karpenter.sh/nodepool"] = "general"),
    answer: "tag contains a restricted tag matching karpenter.sh/nodepool",
  },
];

const BUFFERS: readonly Mistake[] = [
  {
    what: "room for no number of pods",
    kind: "CapacityBuffer",
    make: (spec) => delete spec.replicas,
    answer: "If podTemplateRef is set, replicas or limits must also be set",
  },
  {
    what: "room for pods of two kinds",
    kind: "CapacityBuffer",
    make: (spec) => (spec.scalableRef = { apiGroup: "apps", kind: "Deployment", name: "odoo" }),
    answer: "You must define either PodTemplateRef or ScalableRef, but not both",
  },
];

const SCALING: readonly Mistake[] = [
  {
    what: "more workers at least than at most",
    kind: "ScaledObject",
    make: (spec) => (spec.minReplicaCount = Number(spec.maxReplicaCount) + 1),
    answer: "minReplicaCount must be less than or equal to maxReplicaCount",
  },
  {
    what: "a fallback to no number of workers",
    kind: "ScaledObject",
    make: ({ fallback }) => delete fallback.replicas,
    answer: "spec.fallback.replicas: Required value",
  },
  {
    what: "a fallback that KEDA doesn't know",
    kind: "ScaledObject",
    make: ({ fallback }) => (fallback.behavior = "currentReplicasIfMore"),
    answer: 'spec.fallback.behavior: Unsupported value: "currentReplicasIfMore"',
  },
  {
    what: "a credential of no key",
    kind: "TriggerAuthentication",
    make: ({ secretTargetRef }) => delete secretTargetRef[0].key,
    answer: "spec.secretTargetRef[0].key: Required value",
  },
];

const CERTIFICATES: readonly Mistake[] = [
  {
    what: "a certificate that nobody issues",
    kind: "Certificate",
    make: (spec) => delete spec.issuerRef,
    answer: "spec.issuerRef: Required value",
  },
  {
    what: "a certificate that is kept nowhere",
    kind: "Certificate",
    make: (spec) => delete spec.secretName,
    answer: "spec.secretName: Required value",
  },
  {
    what: "an issuer without an account",
    kind: "ClusterIssuer",
    make: ({ acme }) => delete acme.privateKeySecretRef,
    answer: "spec.acme.privateKeySecretRef: Required value",
  },
  {
    what: "a zone by a misspelt field",
    kind: "ClusterIssuer",
    make: ({ acme }) => (acme.solvers[0].dns01.route53.hostedZoneId = "Z1"),
    answer: "hostedZoneId: field not declared in schema",
  },
];

const ROUTING: readonly Mistake[] = [
  {
    what: "a limit that is no number",
    kind: "Middleware",
    name: "odoo-body-limit",
    make: ({ buffering }) => (buffering.maxRequestBodyBytes = "100Mi"),
    answer: "spec.buffering.maxRequestBodyBytes",
  },
  {
    what: "a prefix that is no path",
    kind: "Middleware",
    name: "odoo-headers",
    make: (spec) => (spec.addPrefix = { prefix: "clones" }),
    answer: "must start with a '/'",
  },
  {
    what: "an authority from two places",
    kind: "ServersTransport",
    make: (spec) => (spec.rootCAs = [{ secret: "one", configMap: "two" }]),
    answer: "RootCA cannot have both Secret and ConfigMap defined.",
  },
];

const DELIVERY: readonly Mistake[] = [
  {
    what: "an application of no project",
    kind: "Application",
    name: "loomworks",
    make: (spec) => delete spec.project,
    answer: "spec.project: Required value",
  },
  {
    what: "differences of no kind",
    kind: "Application",
    name: "clones",
    make: ({ ignoreDifferences }) => delete ignoreDifferences[0].kind,
    answer: "spec.ignoreDifferences[0].kind: Required value",
  },
  {
    what: "a project's right to a kind without a name",
    kind: "AppProject",
    make: ({ clusterResourceWhitelist }) => delete clusterResourceWhitelist[0].kind,
    answer: "spec.clusterResourceWhitelist[0].kind: Required value",
  },
  {
    what: "a project's misspelt list",
    kind: "AppProject",
    make: (spec) => (spec.namespaceResourceBlackList = []),
    answer: "namespaceResourceBlackList: field not declared in schema",
  },
];

export const MISTAKES: readonly Mistake[] = [
  ...[...NODE_POOLS, ...NODE_CLASSES, ...BUFFERS, ...SCALING],
  ...[...CERTIFICATES, ...ROUTING, ...DELIVERY],
];
