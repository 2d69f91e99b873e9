import Primitives
import Testing
import Web

@Suite("Addresses of the pages")
struct PortalRouteTests {
  static let all: [(path: String, route: PortalRoute)] = [
    ("/", .home), ("/sign-in", .signIn), ("/sign-in/code", .secondFactor),
    ("/sign-in/passkey", .passkeySignIn),
    ("/register", .register), ("/sign-out", .signOut), ("/requests", .requests),
    ("/requests/new", .newRequest), ("/requests/r1", .request("r1")), ("/sharing", .sharing),
    ("/sharing/new", .newGrant), ("/sharing/g1/revoke", .revokeGrant("g1")), ("/log", .log),
    ("/sharing/cards", .healthCards), ("/sharing/cards/c1", .healthCard("c1")),
    ("/sharing/links", .healthLinks), ("/sharing/links/l1", .healthLink("l1")),
    ("/log/12/proof", .logProof(12)), ("/record", .record), ("/record/search", .recordSearch),
    ("/record/allergies", .recordType("allergies")),
    ("/record/Observation/1", .recordItem("Observation", id: "1")), ("/family", .family),
    ("/shared/r1", .shared("r1")), ("/shared/r1/search", .sharedSearch("r1")),
    ("/shared/r1/allergies", .sharedType("r1", type: "allergies")),
    ("/shared/r1/Observation/o1", .sharedItem("r1", type: "Observation", id: "o1")),
    ("/security", .security), ("/security/sessions/s1", .session("s1")),
    ("/security/app", .oneTimeCodes), ("/security/passkeys", .passkeys),
    ("/security/passkeys/k1", .passkey("k1")),
    ("/patients", .patients), ("/patients/p1", .care("p1")), ("/training", .training),
    ("/emergency", .emergencies), ("/emergency/b1", .emergency("b1")),
    ("/sign-in/card", .cardSignIn), ("/security/cards", .cards),
    ("/security/cards/c1", .card("c1")),
    ("/apps", .apps), ("/apps/a1", .app("a1")), ("/apps/a1/open", .openApp("a1")),
    ("/entities", .entities), ("/witnesses", .witnesses), ("/staff", .staff),
    ("/language", .language), ("/events", .events),
    ("/assets/a.css", .asset("a.css")), ("/account", .account),
    ("/account/close", .closeAccount), ("/security/password", .password),
    ("/security/codes", .recoveryCodes), ("/security/app/remove", .removeOneTimeCodes),
    ("/family/new", .newHelper), ("/family/p1", .delegate("p1")), ("/welcome", .welcome),
    ("/record/new", .newRecord), ("/record/upload", .upload),
    ("/verify", .verify),
  ]

  @Test("Each page is found by its path, also as a route of the node", arguments: all)
  func found(path: String, route: PortalRoute) throws {
    #expect(PortalRoute(path: path) == route)
    #expect(try Route(path: path) == .portal(route))
  }

  @Test("What the log names a page by holds nothing that the path does")
  func patterns() {
    for (_, route) in Self.all {
      let pattern = PortalRoute(path: route.pattern.replacing(":number", with: "1"))
      #expect(pattern?.pattern == route.pattern)
      #expect(!route.methods.isEmpty)
    }
    #expect(PortalRoute.recordItem("Patient", id: "jane").pattern == "/record/:type/:id")
  }

  @Test(
    "There is nothing else",
    arguments: [
      "", "x", "//", "/sign-in/x", "/sharing//revoke", "/sharing/g1/x", "/log/x/proof",
      "/log/-1/proof", "/log/99999999999999999999/proof", "/assets", "/assets/", "/assets/a/b",
      "/record//1", "/a/b/c/d",
    ])
  func nothing(path: String) {
    #expect(PortalRoute(path: path) == nil)
  }

  @Test("Only what must be is open to people who have not signed in")
  func open() {
    let open = Self.all.filter(\.route.isOpen).map(\.path)
    #expect(
      open == [
        "/sign-in", "/sign-in/code", "/sign-in/passkey", "/register", "/sign-in/card", "/language",
        "/assets/a.css", "/verify",
      ])
  }

  @Test(
    "After signing in one gets to pages of this node only",
    arguments: [
      "https://evil.example/", "//evil.example/log", "/\\evil.example", "javascript:alert(1)", "",
      "/sign-in", "/sign-out", "/sharing/g1/revoke", "/assets/x.js", "/events",
      "/log\r\nSet-Cookie: a=b", "/nowhere",
      "/log\u{0}", "/fhir/Patient",
    ])
  func elsewhere(path: String) {
    #expect(PortalPath.inside(path) == "/")
  }

  @Test("…and to those")
  func inside() {
    #expect(PortalPath.inside("/log?show=all&before=3") == "/log?show=all&before=3")
    #expect(PortalPath.inside("/requests/r1") == "/requests/r1")
  }
}
