import { VERSIONS } from "../versions";
import type { Program } from "./program";

const MODULE = "github.com/traefik/traefik/v3";

/** Where its go.mod has a module of its own, which isn't published: two empty types, for extensions. */
const EXTENSION = "pkg/config/dynamic/ext";

/** In place of the SDKs of all providers of DNS, of which it asks for certificates: ours come from cert-manager. */
const NO_DNS_PROVIDERS = `package dns

import (
	"errors"

	"github.com/go-acme/lego/v5/challenge"
)

func NewDNSChallengeProviderByName(string) (challenge.Provider, error) {
	return nil, errors.New("left out of this build")
}
`;

/** The proxy of the way in. */
export const traefik: Program = {
  name: "traefik",
  version: VERSIONS.traefik,
  minutes: 10,
  source: {
    module: MODULE,
    version: `v${VERSIONS.traefik}`,
    package: `${MODULE}/cmd/traefik`,
    generated: {
      [`${EXTENSION}/go.mod`]: "module github.com/traefik/traefik/dynamic/ext\n",
      [`${EXTENSION}/ext.go`]: "package ext\n\ntype HTTP struct{}\n\ntype Router struct{}\n",
    },
    asMain: {
      // Basic authentication, which nothing here uses: not every module proxy has the commit that its go.mod names.
      replace: {
        "github.com/abbot/go-http-auth": "github.com/containous/go-http-auth@v0.4.1-0.20200324110947-a37a7636d23e",
      },
      rewrite: { "github.com/go-acme/lego/v5": { "providers/dns/zz_gen_dns_providers.go": NO_DNS_PROVIDERS } },
    },
    variables: { [`${MODULE}/pkg/version.Version`]: VERSIONS.traefik },
    assets: { crds: "docs/content/reference/dynamic-configuration" },
  },
};
