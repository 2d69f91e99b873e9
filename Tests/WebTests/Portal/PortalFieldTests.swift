import Testing
import Web

@Suite("What keeps pages to themselves")
struct PortalFieldTests {
  @Test("The policy allows this node's files and nothing else")
  func policy() {
    let directives = PortalAnswer.contentSecurityPolicy.split(separator: ";").map {
      $0.drop { $0 == " " }
    }
    #expect(
      directives == [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:",
        "connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
        "object-src 'none'",
      ])
    #expect(!PortalAnswer.contentSecurityPolicy.contains("unsafe"))
    let names = Set(PortalAnswer.fields.map(\.name))
    #expect(
      names.isSuperset(of: [
        "Content-Security-Policy", "Referrer-Policy", "Permissions-Policy",
        "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy",
      ]))
  }

  @Test("Files have a name that changes with their content, and a type")
  func assets() {
    #expect(PortalFiles.assets.map(\.file) == ["mark.svg", "portal.css", "portal.js"])
    for asset in PortalFiles.assets {
      #expect(asset.name.wholeMatch(of: /[a-z]+\.[0-9a-f]{12}\.(css|js|svg)/) != nil)
      #expect(!asset.text.contains("http:") || asset.type == "image/svg+xml")
      #expect(!asset.text.contains("innerHTML") && !asset.text.contains("eval("))
    }
  }

  @Test("Cookies are for this host, over TLS, out of reach of scripts")
  func cookies() {
    let cookie = PortalCookies.setting(PortalCookies.session, "abc", seconds: 0)
    #expect(
      cookie == "__Host-peerchart=abc; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0")
  }

  @Test(
    "A cookie is found by its whole name, and one that is there twice is none",
    arguments: [
      ("__Host-peerchart=a", "a"), ("x=1; __Host-peerchart=a; y=2", "a"),
      ("__Host-peerchart-form=b", nil), ("__Host-peerchart=a; __Host-peerchart=b", nil), ("", nil),
      ("__Host-peerchart=", ""), ("a=__Host-peerchart=a", nil),
    ] as [(String, String?)])
  func reading(field: String, value: String?) {
    #expect(PortalCookies.value(PortalCookies.session, in: field) == value)
  }

  @Test("A field that is longer than any of ours is not read")
  func longField() {
    let field = "__Host-peerchart=a; x=" + String(repeating: "x", count: 9000)
    #expect(PortalCookies.value(PortalCookies.session, in: field) == nil)
  }
}
