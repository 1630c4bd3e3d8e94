import * as aws from "@pulumi/aws";
import { TRAEFIK_PORTS } from "../../../infra/addons/traefik";
import { DnsZones } from "../../../infra/network/dns-zone";
import { FrontDoor, IDLE_SECONDS } from "../../../infra/network/front-door";
import { Planned, planned } from "../../support/planned";

const DOMAINS = ["loomworks.app", "clones.betaweb.ai", "loomworks.app"];

function made(protect = true): Promise<Planned> {
  return planned(() => {
    const providers = [new aws.Provider("aws", {})];
    const [first, ...others] = new DnsZones("zones", { domains: DOMAINS, protect }, { providers }).zones;
    const network = { vpcId: "vpc-1", subnetIds: ["subnet-a", "subnet-b"], clusterSecurityGroupId: "sg-cluster" };
    new FrontDoor("door", { ...network, zones: [first!, ...others], protect }, { providers });
  });
}

describe("[CLONE-09] The load balancer", () => {
  let plan: Planned;
  const inputs = (name: string) => plan.get(name).inputs as any;

  beforeAll(async () => {
    plan = await made();
  });

  it("is one, in the public subnets, for the hosts below both domains", () => {
    expect(plan.all("LoadBalancer")).toHaveLength(1);
    expect(inputs("door-alb")).toMatchObject({ internal: false, subnets: ["subnet-a", "subnet-b"] });
    const records = plan.all("Record").filter(({ inputs: record }: any) => record.type === "A");
    expect(records.map(({ inputs: record }: any) => [record.name, record.zoneId])).toEqual([
      ["*.loomworks.app", expect.anything()],
      ["*.clones.betaweb.ai", expect.anything()],
    ]);
  });

  it("has one target group, of Traefik's pods, whatever the number of clones", () => {
    expect(plan.all("TargetGroup")).toHaveLength(1);
    expect(inputs("door-traefik")).toMatchObject({
      targetType: "ip",
      protocol: "HTTPS",
      port: TRAEFIK_PORTS.https,
      healthCheck: { protocol: "HTTP", port: "8080", path: "/ping" },
    });
    expect(inputs("door-https").defaultActions).toEqual([{ type: "forward", targetGroupArn: "[arn of door-traefik]" }]);
  });

  it("[LOOM-09] refuses who brings a host in a proxy's name, and has no other rule", () => {
    expect(plan.all("ListenerRule").map(({ name }) => name)).toEqual(["door-forged-host"]);
    expect(inputs("door-forged-host")).toMatchObject({
      listenerArn: "[arn of door-https]",
      conditions: [{ httpHeader: { httpHeaderName: "X-Forwarded-Host", values: ["*"] } }],
      actions: [{ type: "fixed-response", fixedResponse: { statusCode: "400" } }],
    });
  });

  it("sends people from HTTP to HTTPS, and speaks no TLS before 1.2", () => {
    expect(inputs("door-http")).toMatchObject({
      port: 80,
      defaultActions: [{ type: "redirect", redirect: { protocol: "HTTPS", statusCode: "HTTP_301" } }],
    });
    expect(inputs("door-https")).toMatchObject({
      port: 443,
      sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
      certificateArn: "[arn of door-certificates-certificate]",
    });
  });

  it("keeps the Host that Odoo needs, waits for its longest request, and drops headers that no browser sends", () => {
    expect(inputs("door-alb")).toMatchObject({
      preserveHostHeader: true,
      idleTimeout: IDLE_SECONDS,
      dropInvalidHeaderFields: true,
      xffHeaderProcessingMode: "append",
    });
  });

  it("is reached by all on 80 and 443, and reaches Traefik's two ports alone", () => {
    const rules = (type: string) =>
      plan
        .all(type)
        .map(({ inputs: rule }: any) => [
          rule.securityGroupId,
          rule.cidrIpv4 ?? rule.referencedSecurityGroupId,
          rule.fromPort,
          rule.toPort,
        ]);
    const own = "[id of door-security-group]";
    expect(rules("SecurityGroupIngressRule")).toEqual([
      [own, "0.0.0.0/0", 80, 80],
      [own, "0.0.0.0/0", 443, 443],
      ["sg-cluster", own, 8443, 8443],
      ["sg-cluster", own, 8080, 8080],
    ]);
    expect(rules("SecurityGroupEgressRule")).toEqual([
      [own, "sg-cluster", 8443, 8443],
      [own, "sg-cluster", 8080, 8080],
    ]);
  });

  it("shows a certificate that is proven by a record in each zone, before it listens", () => {
    expect(inputs("door-certificates-certificate")).toEqual({
      domainName: "*.loomworks.app",
      subjectAlternativeNames: ["*.clones.betaweb.ai"],
      validationMethod: "DNS",
    });
    const proofs = plan
      .all("Record")
      .map(({ name }) => name)
      .filter((name) => name.includes("proof"));
    expect(proofs).toEqual(["door-certificates-proof-loomworks.app", "door-certificates-proof-clones.betaweb.ai"]);
    expect(plan.before("door-https")).toContain("door-certificates-validation");
  });

  it("makes a zone once where two domains are the same, and keeps zones where the stack says so", async () => {
    expect(plan.all("Zone").map(({ name, protect }) => [name, protect])).toEqual([
      ["zones-loomworks.app", true],
      ["zones-clones.betaweb.ai", true],
    ]);
    expect(inputs("door-alb").enableDeletionProtection).toBe(true);
    const free = await made(false);
    expect(free.resources.filter(({ protect }) => protect)).toEqual([]);
    expect(free.get("door-alb").inputs.enableDeletionProtection).toBe(false);
  });
});
