/** What a stack in AWS needs of its settings, and where they contradict each other. */
import type { Problem } from "../shared/problems";
import type { AwsSettings } from "./aws";
import { ClonesSettings, jobsDatabase } from "./clones";
import type { LoomworksSettings } from "./loomworks";
import { PROJECT } from "./project";

/** Bits that fix a VPC at most: a quarter of a /20 still holds a thousand pods, and its smallest subnets 59 of AWS' endpoints. */
const NARROWEST_VPC = 20;

/** What settings are read for. Each asks for what the one before does, and for more. */
export type Purpose = "synth" | "preview" | "up";

interface Parts {
  readonly target: string;
  readonly aws: AwsSettings;
  readonly loomworks: LoomworksSettings;
  readonly clones: ClonesSettings;
}

/** Every contradiction, and what is missing for `purpose`; of a stack that makes nothing in AWS, those alone that would be wrong anywhere. */
export function awsContradictions({ target, aws, loomworks, clones }: Parts, purpose: Purpose): Problem[] {
  const anywhere = [...vpcOutOfShape(aws), ...zonesTwice(aws)];
  if (target !== "aws") return anywhere;
  return [
    ...unsaid(aws, purpose),
    ...anywhere,
    ...outsideOfVpc(aws, clones),
    ...databaseWithoutNode(aws, loomworks),
    ...deliveredFromNowhere(aws),
  ];
}

function unsaid(aws: AwsSettings, purpose: Purpose): Problem[] {
  if (purpose === "synth") return [];
  const examples = { account: "111122223333", region: "eu-central-1", domain: "platform.example.com" };
  const facts = Object.entries(examples)
    .filter(([key]) => aws[key as keyof typeof examples] === undefined)
    .map(([key, example]) => {
      const path = `aws.${key}`;
      return missing(path, "nobody else can know it", `Give it by ${commandFor(path, example)}`);
    });
  return purpose === "up" ? [...facts, ...unreachable(aws)] : facts;
}

/** A preview goes without: before the first `up` there is no cluster to reach. */
function unreachable({ cluster }: AwsSettings): Problem[] {
  if (cluster.publicAccess !== undefined) return [];
  const path = "aws.cluster.publicAccess";
  const reason = "without it, only the VPC reaches the API server, and this program may run outside of it";
  const command = commandFor(`${path}[0]`, "203.0.113.7/32");
  return [missing(path, reason, `Give the address that it runs at by ${command}, or write [] where that is the VPC`)];
}

function missing(path: string, reason: string, remedy: string): Problem {
  return { code: "SETTING_MISSING", path, value: null, reason, remedy };
}

function commandFor(path: string, example: string): string {
  return `\`pulumi config set --path '${PROJECT}:${path}' ${example}\``;
}

function vpcOutOfShape({ network: { cidr } }: AwsSettings): Problem[] {
  const { first, bits } = read(cidr);
  const base = { code: "AWS_VPC", path: "aws.network.cidr", value: cidr };
  if (bits > NARROWEST_VPC) {
    const reason = "it has too few addresses for pods in three zones";
    return [{ ...base, reason, remedy: `Give /${NARROWEST_VPC} or wider, as in "10.0.0.0/16"` }];
  }
  if (first % 2 ** (32 - bits) === 0) return [];
  return [
    { ...base, reason: "it doesn't begin where its bits do", remedy: 'Begin at the network, as in "10.0.0.0/16"' },
  ];
}

function zonesTwice({ network: { zones } }: AwsSettings): Problem[] {
  if (new Set(zones).size === zones.length) return [];
  const reason = "two subnets would share the fate of one zone";
  return [
    {
      code: "AWS_ZONES",
      path: "aws.network.zones",
      value: zones.join(),
      reason,
      remedy: "Give three letters that differ",
    },
  ];
}

/** What the clones' policies admit is written into dist; the VPC is where API server and databases will be. */
function outsideOfVpc({ network: { cidr } }: AwsSettings, clones: ClonesSettings): Problem[] {
  const admitted = {
    "clones.apiServer.network": clones.apiServer.network,
    "clones.sharedDatabase.network": clones.sharedDatabase.network,
    "clones.service.jobsDatabase.network": jobsDatabase(clones).network,
  };
  return Object.entries(admitted)
    .filter(([, network]) => !contains(cidr, network))
    .map(([path, value]) => ({
      code: "AWS_OUTSIDE_VPC",
      path,
      value,
      reason: `it isn't within the VPC (${cidr}), so that policies would admit nothing that is there`,
      remedy: "Give a part of aws.network.cidr, or all of it",
    }));
}

/** The general pool alone has nodes for it: the system's and the buffer's keep off what doesn't ask for them. */
function databaseWithoutNode({ karpenter }: AwsSettings, { postgres }: LoomworksSettings): Problem[] {
  const { capacity } = karpenter.general;
  if (capacity !== "spot" || postgres.spot) return [];
  return [
    {
      code: "AWS_POSTGRES_NODE",
      path: "aws.karpenter.general.capacity",
      value: capacity,
      reason: "PostgreSQL may not stand on a spot node, and would wait for another for ever",
      remedy: 'Give "both" or "on-demand", or allow it by loomworks.postgres.spot',
    },
  ];
}

function deliveredFromNowhere({ delivery }: AwsSettings): Problem[] {
  if (delivery.by !== "argocd" || delivery.repository !== undefined) return [];
  const reason = "delivery.by is argocd, which applies what it finds there";
  return [missing("aws.delivery.repository", reason, "Give the address of this repository")];
}

function contains(outer: string, inner: string): boolean {
  const [one, other] = [read(outer), read(inner)];
  const size = 2 ** (32 - one.bits);
  return other.bits >= one.bits && Math.floor(one.first / size) === Math.floor(other.first / size);
}

function read(cidr: string): { first: number; bits: number } {
  const [address = "", bits = ""] = cidr.split("/");
  return { first: address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0), bits: Number(bits) };
}
