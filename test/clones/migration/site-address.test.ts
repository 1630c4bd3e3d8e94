import { adopted } from "../../../clones/migration/site-address";

describe("the address of a site after a redirect", () => {
  const from = (base: string, location: string) => adopted(base, base, location);

  it.each([
    ["http://shop.example", "https://shop.example/?rest_route=/x", "https://shop.example"],
    ["http://shop.example", "https://www.shop.example/", "https://www.shop.example"],
    ["https://www.shop.example", "https://shop.example/blog/", "https://shop.example/blog"],
    ["https://shop.example/blog", "/wp/", "https://shop.example/wp"],
  ])("%s to %s is %s", (base, location, expected) => expect(from(base, location)).toBe(expected));

  it.each([
    ["https://shop.example", "http://shop.example/"],
    ["https://shop.example", "https://evil.example/"],
    ["https://shop.example", "https://shop.example:8443/"],
    ["https://shop.example", "https://shop.example.evil.example/"],
    ["https://shop.example", "ftp://shop.example/"],
    ["https://shop.example", "https://a:b@shop.example/"],
  ])("%s is not followed to %s", (base, location) => {
    expect(() => from(base, location)).toThrow(expect.objectContaining({ code: "SITE_REDIRECTS" }));
  });
});
