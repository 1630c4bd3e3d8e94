import { CLUSTER, plannedAddons } from "../../support/aws-platform";
import type { Planned } from "../../support/planned";
import * as official from "./official-actions";

/** As most stacks have it, and with clones that are told apart by path. */
let plan: Planned;
let path: Planned;
beforeAll(async () => {
  plan = await plannedAddons();
  const service = { clusterIssuer: "letsencrypt", tracingEndpoint: "" };
  path = await plannedAddons({ clones: { domain: "clones.betaweb.ai", routing: "path", service } });
});

const releaseOf = (name: string, of = plan): any => of.get(`${name}-release`).inputs;
const policiesOf = (name: string, of = plan) =>
  of.all("RolePolicy").filter((policy) => policy.name.startsWith(`${name}-identity-`));
const statementsOf = (name: string, of = plan): any[] =>
  policiesOf(name, of).flatMap((policy) => Object.values(of.statements(policy.name)));

describe("[PLAT-07] The add-ons' rights at AWS", () => {
  const IDENTITIES: [string, string, string, string][] = [
    [
      "load-balancer-controller",
      "aws-load-balancer-controller",
      "aws-load-balancer-controller",
      "LOAD_BALANCER_CONTROLLER",
    ],
    ["cert-manager", "cert-manager", "cert-manager", "CERT_MANAGER"],
    ["ack-rds", "ack-system", "ack-rds-controller", "ACK_RDS"],
    ["efs-csi", "efs-csi", "efs-csi-controller-sa", "EFS_CSI"],
    ["loki", "observability", "loki", "OBJECT_STORE"],
    ["tempo", "observability", "tempo", "OBJECT_STORE"],
  ];

  it("are those of six, and nobody else's", () => {
    const found = plan.all("PodIdentityAssociation").map(({ name }) => name.replace("-identity-association", ""));
    expect(found.sort()).toEqual(IDENTITIES.map(([name]) => name).sort());
  });

  it.each(IDENTITIES)("of %s go to its own pods, before they start", (name, namespace, serviceAccount) => {
    const association = plan.get(`${name}-identity-association`).inputs;
    expect(association).toMatchObject({ clusterName: CLUSTER.name, namespace, serviceAccount });
    expect(plan.before(`${name}-release`)).toContain(`${name}-identity-association`);
    expect(releaseOf(name).namespace).toBe(namespace);
  });

  it.each(IDENTITIES)("of %s are some of those that its makers ask for", (name, _namespace, _account, list) => {
    const all = statementsOf(name, path);
    const asked = official.actionsOf(official[list as "ACK_RDS"]);
    expect(all.length).toBeGreaterThan(1);
    for (const { Action } of all) for (const action of [Action].flat()) expect(asked).toContain(action);
  });

  it("are never all actions, and for all resources only where AWS knows no other", () => {
    const unbounded = IDENTITIES.flatMap(([name]) => statementsOf(name)).filter(({ Resource }) => Resource === "*");
    expect(unbounded.map(({ Sid }) => Sid).sort()).toEqual(["AllowReadingTargets", "AllowReadingZones"]);
    for (const { Action } of unbounded) {
      for (const action of Action) expect(action).toMatch(/^(ec2|elasticloadbalancing):Describe/);
    }
  });

  it("let cert-manager write proofs into our zones, and no other record", () => {
    const { AllowProofs } = plan.statements("cert-manager-identity-dns");
    expect(AllowProofs).toMatchObject({
      Resource: ["[id of loomworks.app]", "[id of clones.betaweb.ai]"].map(
        (id) => `arn:aws:route53:::hostedzone/${id}`,
      ),
      Condition: {
        "ForAllValues:StringEquals": { "route53:ChangeResourceRecordSetsRecordTypes": ["TXT"] },
        "ForAllValues:StringLike": {
          "route53:ChangeResourceRecordSetsNormalizedRecordNames": ["_acme-challenge.*"],
        },
      },
    });
  });

  it("let ACK make encrypted databases of clones in the clones' subnets, and delete none but these", () => {
    const { AllowMakingEncrypted, AllowDatabases } = plan.statements("ack-rds-identity-databases");
    expect(AllowMakingEncrypted).toMatchObject({
      Action: ["rds:CreateDBInstance"],
      Resource: [
        "arn:aws:rds:eu-central-1:111122223333:db:clone-*",
        "arn:aws:rds:eu-central-1:111122223333:subgrp:databases",
        "arn:aws:rds:eu-central-1:111122223333:pg:default.mysql8.4",
        "arn:aws:rds:eu-central-1:111122223333:og:default:mysql-8-4",
      ],
      Condition: { Bool: { "rds:StorageEncrypted": "true" } },
    });
    expect(AllowDatabases.Resource).toBe("arn:aws:rds:eu-central-1:111122223333:db:clone-*");
  });

  it("let the load balancer controller fill the one target group, and make load balancers only for path routing", () => {
    expect(policiesOf("load-balancer-controller").map(({ name }) => name)).toEqual([
      "load-balancer-controller-identity-targets",
    ]);
    const { AllowTargets } = plan.statements("load-balancer-controller-identity-targets");
    expect(AllowTargets.Resource).toMatch(/:targetgroup\/traefik\/1$/);

    const more = path.statements("load-balancer-controller-identity-load-balancers");
    expect(more.AllowOwnLoadBalancers.Condition).toEqual({
      StringEquals: { "aws:ResourceTag/elbv2.k8s.aws/cluster": CLUSTER.name },
    });
    expect(releaseOf("load-balancer-controller", path).values.createIngressClassResource).toBe(true);
    const size = policiesOf("load-balancer-controller", path).reduce(
      (sum, { inputs }) => sum + String(inputs.policy).replaceAll(/\s/g, "").length,
      0,
    );
    expect(size).toBeLessThan(10_240);
  });
});
