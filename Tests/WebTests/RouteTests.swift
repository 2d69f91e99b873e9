import Primitives
import Testing
import Web

@Suite("Paths")
struct RouteTests {
  static let good: [(String, Route)] = [
    ("/health", .ready), ("/health/live", .live), ("/.well-known/peerchart", .identity),
    ("/peer/pair", .pairing), ("/peer/messages", .messages), ("/peer/break-glass", .breakGlass),
    ("/log/status/00ff", .documentStatus("00ff")),
    ("/log/checkpoint", .logCheckpoint), ("/log/add-checkpoint", .addCheckpoint),
    ("/log/tile/0/000.p/7", .logTile(path: "tile/0/000.p/7")),
    (
      "/log/tile/3/x001/x002/x003/x004/x005/067.p/255",
      .logTile(path: "tile/3/x001/x002/x003/x004/x005/067.p/255")
    ),
    ("/fhir", .system), ("/fhir/", .system), ("/fhir/metadata", .capabilities),
    ("/fhir/.well-known/smart-configuration", .smartConfiguration),
    ("/.well-known/udap", .communityMetadata), ("/fhir/.well-known/udap", .communityMetadata),
    ("/oauth/register/c1", .registration("c1")),
    ("/fhir/Patient", .type("Patient")), ("/fhir/Patient/", .type("Patient")),
    ("/fhir/Patient/_search", .typeSearch("Patient")), ("/fhir/_search", .typeSearch(nil)),
    ("/fhir/Patient/1", .instance("Patient", id: "1")),
    ("/fhir/Patient/a%2Db", .instance("Patient", id: "a-b")),
    ("/fhir/Patient/1/_history", .history("Patient", id: "1")),
    ("/fhir/Patient/$validate", .operation(OperationCall(.validate, type: "Patient"))),
    ("/fhir/$meta", .operation(OperationCall(.meta))),
    (
      "/fhir/Patient/1/$everything",
      .operation(OperationCall(.everything, type: "Patient", id: "1"))
    ),
    (
      "/fhir/Subscription/1/$events",
      .operation(OperationCall(.subscriptionEvents, type: "Subscription", id: "1"))
    ),
    (
      "/fhir/Subscription/$status",
      .operation(OperationCall(.subscriptionStatus, type: "Subscription"))
    ),
    ("/fhir/$graphql", .operation(OperationCall(.graphql))),
    ("/fhir/Patient/1/$graphql", .operation(OperationCall(.graphql, type: "Patient", id: "1"))),
    ("/fhir/$export", .operation(OperationCall(.export))),
    ("/fhir/Patient/$export", .operation(OperationCall(.export, type: "Patient"))),
    ("/fhir/Group/1/$export", .operation(OperationCall(.export, type: "Group", id: "1"))),
    ("/fhir/$import", .operation(OperationCall(.import))),
    ("/fhir/_bulk/1", .bulkJob("1")),
    ("/fhir/_bulk/1/Observation.1.ndjson", .bulkFile("1", name: "Observation.1.ndjson")),
    ("/fhir/_history", .changes(nil)), ("/fhir/Patient/_history", .changes("Patient")),
    ("/fhir/Patient/1/_history/12", .version("Patient", id: "1", number: 12)),
  ]

  @Test("Each route is found by its path", arguments: good)
  func found(path: String, route: Route) throws {
    #expect(try Route(path: path) == route)
  }

  @Test("What is said about an entity is found by its node's id, and by nothing else")
  func entity() throws {
    let node = try #require(NodeID(bytes: Array(0..<32)))
    let route = try Route(path: "/entities/\(node)")
    #expect(route == .entity(node) && route.pattern == "/entities/:node")
    #expect(route.methods == ["GET"] && route.access("GET") == .anybody)
    #expect(try Route(path: "/entities") == .portal(.entities))
  }

  @Test("A combining mark hides no slash")
  func combining() throws {
    #expect(
      try Route(path: "/fhir/Patient/\u{301}1") == .instance("Patient", id: "\u{301}1"))
  }

  static let bad: [(String, PeerChartError.Code)] = [
    ("", .notFound), ("/fhirx", .notFound), ("/peer", .notFound),
    ("/log/checkpoint/1", .notFound), ("/log/entries", .notFound),
    ("/log/tile/0/" + String(repeating: "x000/", count: 14) + "000", .notFound),
    ("/entities/1", .notFound), ("/entities/" + String(repeating: "g", count: 64), .notFound),
    ("/entities/" + String(repeating: "a", count: 64) + "/1", .notFound),
    ("/peer/messages/1", .notFound), ("/fhir/patient", .notFound), ("/fhir/../health", .notFound),
    ("/fhir/Group/$export", .notSupported), ("/fhir/Patient/1/$export", .notSupported),
    ("/fhir/Patient/$import", .notSupported), ("/fhir/_bulk", .notFound),
    ("/fhir/_bulk/1/2/3", .notFound),
    ("/fhir/Patient/1/_history/x", .notFound), ("/fhir/Patient/1/_history/-1", .notFound),
    ("/fhir/Patient/1/_history/99999999999999999999", .notFound),
    ("/fhir/Patient/1/_history/1/2", .notFound), ("/fhir/Patient/1/2/3/4/5/6/7", .notFound),
    ("/fhir/Patient/1/$nothing", .notSupported), ("/fhir/$everything", .notSupported),
    ("/fhir/Group/1/$everything", .notSupported), ("/fhir/Nothing/$meta", .notFound),
    ("/fhir/Patient/1/2/$meta", .notSupported), ("/fhir/Patient/$meta/1", .notFound),
    ("/fhir/Subscription/$events", .notSupported), ("/fhir/Patient/1/$status", .notSupported),
    ("/fhir/_history/1", .notFound), ("/fhir/Patient/_history/1", .notFound),
    ("/fhir/Patient/1/Nothing", .notFound), ("/fhir/Patient/1_/Observation", .notFound),
    ("/fhir/Observation/1/Patient", .notFound), ("/fhir/Patient/1/Observation/2", .notFound),
    ("/fhir/Patient/%", .malformed),
    ("/fhir/Patient/%zz", .malformed), ("/fhir/Patient/%ff", .malformed),
    ("/fhir/Patient/%00", .malformed), ("/fhir/Patient/%c3%28", .malformed),
  ]

  @Test("What leads nowhere is refused", arguments: bad)
  func refused(path: String, code: PeerChartError.Code) {
    #expect { try Route(path: path) } throws: { ($0 as? PeerChartError)?.code == code }
  }

  @Test("What is logged of a path is a pattern without the path's values")
  func patterns() {
    for (path, route) in Self.good where path.contains("Patient") {
      #expect(!route.pattern.contains("Patient"))
      #expect(route.pattern.hasPrefix("/fhir/:type"))
    }
  }

  @Test("Allow names HEAD wherever there is GET")
  func allow() {
    #expect(Route.instance("Patient", id: "1").allow == "GET, HEAD, PUT, PATCH, DELETE")
    #expect(Route.system.allow == "GET, HEAD, POST")
    #expect(Route.type("Patient").allow == "GET, HEAD, POST, PUT, PATCH, DELETE")
  }

  @Test("Errors below /fhir, and only those, are FHIR's")
  func kindOfError() {
    #expect(Route.isFHIR(path: "/fhir") && Route.isFHIR(path: "/fhir/x/y"))
    #expect(!Route.isFHIR(path: "/fhirx") && !Route.isFHIR(path: "/health"))
  }

  @Test("No path makes it trap, and what it takes has a method")
  func hostile() {
    let seed = UInt64.random(in: .min ... .max)
    var random = SeededRandom(seed: seed)
    var routes = 0
    for _ in 0..<20_000 {
      let path = "/fhir/Patient/" + random.urlText(upTo: 24)
      guard let route = try? Route(path: path) else { continue }
      routes += 1
      #expect(!route.methods.isEmpty, "seed \(seed)")
    }
    #expect(routes > 100, "seed \(seed)")
  }
}
