import { Construct } from "constructs";
import { COPY_RESOURCE } from "../../../constructs/contract";
import {
  ResourceGraphDefinition,
  ResourceGraphDefinitionSpecSchemaScope as Scope,
} from "../../../constructs/imports/kro.run";
import { objectLabels } from "../../../constructs/shared/labels";
import { field } from "../wordpress-clone/schema";
import { CopyJobs, creationNode, podsNode, removalNode } from "./jobs";
import { statusFields } from "./status";

export interface OdooCopyDefinitionProps extends CopyJobs {
  /** Domain whose subdomains are the databases. */
  readonly domain: string;
}

/** As Loomworks' scripts admit names of databases: a part of a host name, of 40 characters. */
export const DATABASE_NAME = "^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$";

const MOMENT = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?Z$";

/**
 * The kind OdooCopy: a neutralised copy of a tenant's database, under the name of its object. It is a Job that copies, until
 * `ended` takes that away and has another one remove what it made. The object is to be deleted only then, and admission
 * holds everybody to it ({@link copyRules}).
 */
export class OdooCopyDefinition extends Construct {
  constructor(scope: Construct, id: string, props: OdooCopyDefinitionProps) {
    super(scope, id);
    new ResourceGraphDefinition(this, "Resource", {
      metadata: { name: "odoo-copy", labels: objectLabels("odoo-copy") },
      spec: {
        schema: {
          group: COPY_RESOURCE.group,
          apiVersion: COPY_RESOURCE.version,
          kind: COPY_RESOURCE.kind,
          scope: Scope.NAMESPACED,
          spec: {
            source: field("string", "Database that is copied", {
              required: true,
              immutable: true,
              pattern: DATABASE_NAME,
            }),
            expiresAt: field("string", "When it ends, in UTC; a later moment lets it live longer", {
              required: true,
              pattern: MOMENT,
            }),
            ended: field("boolean", "Whether database and files are to go; there is no way back", { default: false }),
          },
          status: statusFields(props.domain),
          additionalPrinterColumns: [
            { name: "Source", type: "string", jsonPath: ".spec.source" },
            { name: "Phase", type: "string", jsonPath: ".status.phase" },
            // No "date": kubectl would print how long ago it was, and this is to come.
            { name: "Expires", type: "string", jsonPath: ".spec.expiresAt" },
            { name: "URL", type: "string", jsonPath: ".status.url" },
          ],
        },
        resources: [podsNode(), creationNode(props), removalNode(props)],
      },
    });
  }
}
