import { Chart } from "cdk8s";
import { Construct } from "constructs";
import { ClonesSettings, cloneImage } from "../../constructs/settings/clones";
import { WordPressCloneDefinition } from "./wordpress-clone/definition";

/** The kind WordPressClone, for every namespace of clones. */
export class WordPressCloneChart extends Chart {
  constructor(scope: Construct, id: string, settings: ClonesSettings) {
    super(scope, id);
    new WordPressCloneDefinition(this, "Definition", {
      image: cloneImage(settings),
      domain: settings.domain,
      ttlSeconds: settings.defaultTtlSeconds,
      exposeCredentials: settings.exposeCredentials,
    });
  }
}
