import { Construct } from "constructs";
import { CLONE_RESOURCE } from "../../../constructs/contract";
import {
  ResourceGraphDefinition,
  ResourceGraphDefinitionSpecResources as Node,
  ResourceGraphDefinitionSpecSchemaScope as Scope,
} from "../../../constructs/imports/kro.run";
import { objectLabels } from "../../../constructs/shared/labels";
import { assertNoProblems, Problem } from "../../../constructs/shared/problems";
import { credentialsNode, platformNodes } from "./credentials";
import { databaseNode, DedicatedDatabase, dbInstanceNode } from "./database";
import { jobNodes } from "./job";
import { ingressNode, podsNode, serviceNode } from "./routing";
import { PRINTER_COLUMNS, specFields } from "./schema";
import { statusFields } from "./status";

export interface WordPressCloneDefinitionProps {
  /** Image of a clone that names none, with its registry. */
  readonly image: string;
  /** Domain below which customers have their hosts. @default "clones.betaweb.ai" */
  readonly domain?: string;
  /** Life of a clone that says nothing of it, in seconds. @default 1800 */
  readonly ttlSeconds?: number;
  /** Whether status carries credentials, for a clone that says nothing of it. @default false */
  readonly exposeCredentials?: boolean;
  /** What a dedicated database is. @default a db.t4g.micro with 20 GiB, about $15 a month */
  readonly dedicatedDatabase?: DedicatedDatabase;
}

const DEFAULTS = {
  domain: "clones.betaweb.ai",
  ttlSeconds: 1800,
  exposeCredentials: false,
  dedicatedDatabase: { instanceClass: "db.t4g.micro", storageGiB: 20 },
} as const;

/** Lower-case labels and dots: it goes into expressions and host rules as it is. */
const DOMAIN = /^([a-z0-9]([-a-z0-9]*[a-z0-9])?\.)+[a-z]{2,}$/;

/**
 * The kind WordPressClone: what one object of it becomes, in which order, and what it says of itself. KRO makes a CRD of it
 * and keeps each clone as it says, until the clone is deleted.
 *
 * A change reaches clones that live. It may be any change but one of the pod template, which no Job takes: those clones
 * then serve on, and say so by their condition Reconciled, until they end.
 *
 * @throws {InvalidInputError} naming every property that is out of range
 */
export class WordPressCloneDefinition extends Construct {
  constructor(scope: Construct, id: string, props: WordPressCloneDefinitionProps) {
    super(scope, id);
    const settings = { ...DEFAULTS, ...props };
    assertNoProblems(validate(settings, this.node.path));

    new ResourceGraphDefinition(this, "Resource", {
      metadata: { name: "wordpress-clone", labels: objectLabels("wordpress-clone") },
      spec: {
        schema: {
          group: CLONE_RESOURCE.group,
          apiVersion: CLONE_RESOURCE.version,
          kind: CLONE_RESOURCE.kind,
          scope: Scope.NAMESPACED,
          shortNames: ["wpc"],
          spec: specFields(settings),
          status: statusFields(settings.domain),
          additionalPrinterColumns: PRINTER_COLUMNS,
        },
        resources: createNodes(settings),
      },
    });
  }
}

/** In the order in which they come to be. */
function createNodes({ domain, dedicatedDatabase }: Required<WordPressCloneDefinitionProps>): Node[] {
  return [
    ...platformNodes(),
    credentialsNode(),
    dbInstanceNode(dedicatedDatabase),
    databaseNode(),
    ...jobNodes(),
    podsNode(),
    serviceNode(),
    ingressNode(domain),
  ];
}

function validate({ domain, image }: Required<WordPressCloneDefinitionProps>, path: string): Problem[] {
  const problems: Problem[] = [];
  if (!DOMAIN.test(domain)) {
    problems.push({
      code: "CLONE_DOMAIN",
      path: `${path}.domain`,
      value: domain,
      reason: "it is no lower-case domain name",
      remedy: "Give one such as clones.example.com, without a wildcard",
    });
  }
  if (image === "" || /["\s]/.test(image)) {
    problems.push({
      code: "CLONE_IMAGE",
      path: `${path}.image`,
      value: image,
      reason: "it is no name of an image",
      remedy: "Give registry, name and tag",
    });
  }
  return problems;
}
