import { Chart } from "cdk8s";
import { Construct } from "constructs";
import { WordPressCloneDefinition, WordPressCloneDefinitionProps } from "./wordpress-clone/definition";

/** The kind WordPressClone, for every namespace of clones. */
export class WordPressCloneChart extends Chart {
  constructor(scope: Construct, id: string, props: WordPressCloneDefinitionProps) {
    super(scope, id);
    new WordPressCloneDefinition(this, "Definition", props);
  }
}
