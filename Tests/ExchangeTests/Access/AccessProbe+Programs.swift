import Consent
import Exchange
import FHIR
import Identity
import Primitives
import Web

/// The routes for programs: the FHIR API, OAuth, other nodes.
extension AccessProbe {
  private static let fhir = "application/fhir+json"
  private static let form = "application/x-www-form-urlencoded"

  static var openDoors: [AccessProbe] {
    [
      "/health/live", "/.well-known/peerchart", "/fhir/metadata",
      "/fhir/.well-known/smart-configuration", "/oauth/jwks", "/.well-known/jwks.json",
    ].map { path in AccessProbe("GET", { _ in path }, open: [200]) }
      + ServerDocument.allCases.map { document in
        AccessProbe("GET", { _ in "/.well-known/\(document.rawValue)" }, open: [200])
      }
      // No listener is bound here, so it is not ready, and says so to everybody.
      + [AccessProbe("GET", { _ in "/health" }, open: [503])]
      // Where no authority is trusted, there is nothing to say of communities; everybody is told so.
      + [AccessProbe("GET", { _ in "/.well-known/udap" }, open: [200, 204, 404])]
      // Nothing has been shown to a witness here yet, so there is nothing to show; everybody is told so.
      + ["checkpoint", "tile/0/000.p/1"].map { name in
        AccessProbe("GET", { _ in "/log/\(name)" }, open: [200, 404])
      }
      // Of a document that is not this node's there is nothing to say; everybody is told so.
      + [AccessProbe("GET", { _ in "/log/status/00" }, open: [404])]
      // Of a key that is not this node's there is no list; everybody is told so.
      + [AccessProbe("GET", { _ in "/.well-known/crl/none.json" }, open: [404])]
      // Of a node about which nothing was said there is nothing; everybody is told so.
      + [
        AccessProbe("GET", { _ in "/entities/" + String(repeating: "ab", count: 32) }, open: [404])
      ]
      // A link that is not there, and what a browser asks before it asks for one.
      + [
        AccessProbe("GET", { _ in "/shl/none?recipient=x" }, open: [200], shut: [404]),
        AccessProbe("GET", { _ in "/shl/none/0-0-0" }, open: [200], shut: [404]),
        AccessProbe("OPTIONS", { _ in "/shl/none" }, open: [200], shut: [204]),
        AccessProbe("POST", open: [200], shut: [404]) { _, _ in
          Request(path: "/shl/none", body: #"{"recipient":"x"}"#, type: "application/json")
        },
      ]
      + ["GET", "DELETE"].map { method in
        AccessProbe(method, { _ in "/oauth/register/none" }, open: [200, 204], shut: [400])
      }
  }

  static var oauth: [AccessProbe] {
    ["token", "par", "introspect", "revoke"].map { name in
      AccessProbe("POST", open: [200, 201], shut: [400]) { _, _ in
        Request(
          path: "/oauth/\(name)",
          body: "grant_type=authorization_code&code=x&client_id=nobody&token=x", type: form)
      }
    } + [
      AccessProbe("POST", open: [201]) { _, _ in
        Request(
          path: "/oauth/register",
          body:
            #"{"client_name":"A","redirect_uris":["https://app.example/callback"],"token_endpoint_auth_method":"none"}"#,
          type: "application/json")
      }.with { $0.isDear = true },
      AccessProbe("GET", { _ in "/oauth/userinfo" }, open: [200]),
      AccessProbe("POST", { _ in "/oauth/userinfo" }, open: [200]),
    ]
  }

  static var peers: [AccessProbe] {
    [
      AccessProbe("POST", open: [200], shut: [400, 422]) { _, _ in
        Request(path: "/peer/pair", body: "{}", type: "application/json")
      },
      AccessProbe("POST", open: [200], shut: [400]) { _, _ in
        Request(path: "/log/add-checkpoint", body: "old 0\n\n", type: "text/plain")
      },
      AccessProbe("POST", open: [400, 422]) { _, _ in
        Request(path: "/peer/messages", body: "{}", type: "application/json")
      },
      AccessProbe("POST", open: [200]) { _, chart in
        Request(
          path: "/peer/break-glass",
          body: #"{"patient":"\#(chart)","reason":"unconscious","text":"unconscious"}"#,
          type: "application/json")
      },
    ]
  }

  // MARK: Reading

  private static func get(
    _ record: String, records: [String]? = nil, _ path: @escaping (String) -> String
  ) -> AccessProbe {
    AccessProbe("GET", showing: record, records: records) { _, chart in Request(path: path(chart)) }
  }

  private static func post(
    _ record: String, records: [String]? = nil, type: String, _ path: @escaping (String) -> String,
    _ body: @escaping (String) -> String
  ) -> AccessProbe {
    AccessProbe("POST", showing: record, records: records) { _, chart in
      Request(path: path(chart), body: body(chart), type: type)
    }
  }

  /// Where each record is found, by its id, and by its patient.
  private static let places: [(record: String, type: String, search: String)] = [
    ("patient", "Patient", "_id="), ("lab", "Observation", "subject=Patient/"),
    ("drug", "MedicationRequest", "subject=Patient/"),
    ("cover", "Coverage", "beneficiary=Patient/"),
    ("note", "DocumentReference", "subject=Patient/"),
  ]

  static var reads: [AccessProbe] {
    places.flatMap { record, type, search in
      let id: (String) -> String = { record == "patient" ? $0 : "\(record)-\($0)" }
      return [
        get(record) { "/fhir/\(type)/\(id($0))" },
        get(record) { "/fhir/\(type)/\(id($0))/_history" },
        get(record) { "/fhir/\(type)/\(id($0))/_history/1" },
        get(record) { "/fhir/\(type)?\(search)\($0)" },
      ]
    }
      + ["lab", "drug"].flatMap { record in
        let type = record == "lab" ? "Observation" : "MedicationRequest"
        return [
          post(record, type: form, { _ in "/fhir/\(type)/_search" }, { "subject=Patient/\($0)" }),
          get(record) { "/fhir/Patient/\($0)/\(type)" },
          post(record, type: form, { "/fhir/Patient/\($0)/\(type)/_search" }, { _ in "" }),
          get(record) { "/fhir?_type=\(type)&_id=\(record)-\($0)" },
          post(
            record, type: form, { _ in "/fhir/_search" }, { "_type=\(type)&_id=\(record)-\($0)" }),
          post(
            record, type: fhir, { _ in "/fhir" },
            {
              #"{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"\#(type)/\#(record)-\#($0)"}}]}"#
            }),
          get(record) { "/fhir/Patient/\($0)/$everything?_type=\(type)" },
        ]
      }
      + [
        get("lab") { _ in "/fhir/Observation/_history?_count=200" }.with { $0.isDear = true },
        get("drug") { _ in "/fhir/_history?_count=500" }.with { $0.isDear = true },
      ]
  }

  private static func graph(
    _ path: @escaping (String) -> String, _ query: @escaping (String) -> String
  )
    -> [AccessProbe]
  {
    [
      get("lab") { "\(path($0))?" + QueryString([("query", query($0))]).encoded },
      post(
        "lab", type: "application/json", path,
        { "{\"query\":\"" + query($0).replacing("\"", with: "\\\"") + "\"}" }),
    ]
  }

  static var graphs: [AccessProbe] {
    graph({ "/fhir/Observation/lab-\($0)/$graphql" }, { _ in "{code{text}}" })
      + graph({ _ in "/fhir/$graphql" }, { "{Observation(id:\"lab-\($0)\"){code{text}}}" })
  }

  static var operations: [AccessProbe] {
    [
      get("lab") { "/fhir/Patient/\($0)/$chart" },
      post("lab", type: fhir, { "/fhir/Patient/\($0)/$chart" }, { _ in empty }),
      get("note") { "/fhir/DocumentReference/$docref?patient=\($0)" },
      post("note", type: fhir, { "/fhir/DocumentReference/$docref?patient=\($0)" }, { _ in empty }),
      get("paper") { "/fhir/Composition/paper-\($0)/$document" },
      post("paper", type: fhir, { "/fhir/Composition/paper-\($0)/$document" }, { _ in empty }),
      get("paper") { "/fhir/Composition/$document?id=paper-\($0)" },
      post("paper", type: fhir, { "/fhir/Composition/$document?id=paper-\($0)" }, { _ in empty }),
      post(
        "lab", type: fhir, { "/fhir/Patient/\($0)/$everything" }, { _ in empty }),
      get("lab") { "/fhir/Observation/$lastn?patient=\($0)&category=laboratory" },
      post(
        "lab", type: fhir, { "/fhir/Observation/$lastn?patient=\($0)&category=laboratory" },
        { _ in empty }),
      get("tag") { "/fhir/Observation/lab-\($0)/$meta" },
      post("tag", type: fhir, { "/fhir/Observation/lab-\($0)/$meta" }, { _ in empty }),
      get("tag") { _ in "/fhir/Observation/$meta" }.with { $0.isDear = true },
      post("tag", type: fhir, { _ in "/fhir/Observation/$meta" }, { _ in empty })
        .with { $0.isDear = true },
      get("tag") { _ in "/fhir/$meta" }.with { $0.isDear = true },
      post("tag", type: fhir, { _ in "/fhir/$meta" }, { _ in empty }).with { $0.isDear = true },
      get("patient") { "/fhir/Patient/\($0)/$summary" },
      post("patient", type: fhir, { "/fhir/Patient/\($0)/$summary" }, { _ in empty }),
      get("patient") {
        "/fhir/Patient/$summary?identifier=urn:example:mrn%7CMRN-\($0)"
      },
      post(
        "patient", type: fhir, { "/fhir/Patient/$summary?identifier=urn:example:mrn%7CMRN-\($0)" },
        { _ in empty }),
    ]
  }
  private static let empty = #"{"resourceType":"Parameters"}"#

  // MARK: Writing

  /// Under a condition that never holds, so that whoever may write is told so, and nothing changes.
  ///
  /// - Parameter path: what stands before the chart's name.
  private static func never(
    _ method: String, _ record: String, _ path: String, type: String = fhir,
    _ body: @escaping (String) -> String
  ) -> AccessProbe {
    AccessProbe(method, open: [412], records: [record]) { _, chart in
      Request(
        path: path + chart, body: body(chart), type: type, fields: [("If-Match", "W/\"99\"")])
    }.with { $0.isAboutChart = true }
  }

  private static let patch = #"[{"op":"replace","path":"/status","value":"amended"}]"#
  private static let jsonPatch = "application/json-patch+json"

  static var writes: [AccessProbe] {
    [
      never("PUT", "lab", "/fhir/Observation/lab-") {
        AccessCharts.observation("lab-\($0)", of: $0)
      },
      never("PATCH", "lab", "/fhir/Observation/lab-", type: jsonPatch) { _ in patch },
      never("PUT", "lab", "/fhir/Observation?_id=lab-") {
        AccessCharts.observation(nil, of: $0)
      },
      never("PATCH", "lab", "/fhir/Observation?_id=lab-", type: jsonPatch) { _ in patch },
      AccessProbe("POST", open: [201], records: ["lab"]) { _, chart in
        Request(
          path: "/fhir/Observation", body: AccessCharts.observation(nil, of: chart), type: fhir)
      }.with { $0.isAboutChart = true },
      batch, deletion { "/fhir/Observation/gone-\($0)" },
      deletion { "/fhir/Observation?_id=gone-\($0)" },
    ]
  }

  private static var batch: AccessProbe {
    AccessProbe("POST", open: [], records: ["lab"], shut: [200]) { _, chart in
      let resource = AccessCharts.observation(nil, of: chart)
      let entry = #"{"request":{"method":"POST","url":"Observation"},"resource":\#(resource)}"#
      return Request(
        path: "/fhir", body: #"{"resourceType":"Bundle","type":"batch","entry":[\#(entry)]}"#,
        type: fhir)
    }.with {
      $0.isAboutChart = true
      $0.action = .write
      $0.hasPassed = { answer, _ in
        String(decoding: answer.body, as: UTF8.self).contains("201 Created")
      }
    }
  }

  /// Deletes a record that was made for it.
  private static func deletion(_ path: @escaping (String) -> String) -> AccessProbe {
    AccessProbe("DELETE", open: [200], records: ["lab"]) { scene, chart in
      _ = try await scene.node.exchange.update(
        "Observation", id: "gone-\(chart)",
        Array(AccessCharts.observation("gone-\(chart)", of: chart).utf8), expecting: .any,
        as: scene.node.owner)
      return Request(path: path(chart), fields: [("Prefer", "return=OperationOutcome")])
    }.with {
      $0.isAboutChart = true
      // Where nothing is found that is open, nothing is deleted, and that is no refusal: what was deleted
      // has a version.
      $0.otherRefusals = [200]
      $0.hasPassed = { answer, _ in answer.status == 200 && answer.fields["etag"] != nil }
    }
  }

  // MARK: Jobs, and what is about no record

  /// Jobs that are begun, and taken away again.
  static var exports: [AccessProbe] {
    ["GET", "POST"].flatMap { method in
      [
        export(method, "/fhir/$export", nil), export(method, "/fhir/Patient/$export", nil),
        export(method, "/fhir/Group/group-", "group"),
      ]
    }
  }

  private static func export(_ method: String, _ path: String, _ record: String?) -> AccessProbe {
    AccessProbe(method, open: [202], records: record.map { [$0] } ?? []) { _, chart in
      let place = record == nil ? path : "\(path)\(chart)/$export"
      return Request(
        path: place + "?_type=Coverage", body: method == "POST" ? empty : "",
        type: method == "POST" ? fhir : nil, fields: [("Prefer", "respond-async")])
    }.with {
      $0.isAboutChart = record != nil
      $0.after = { scene, answer, credential, subject in
        guard let place = answer.fields["content-location"] else { return }
        let path = String(place.dropFirst("https://node.example".count))
        _ = try await scene.door.answer(
          Request(path: path).direct("DELETE", credential, subject, address: "192.0.2.1"))
      }
    }
  }

  static var unbound: [AccessProbe] {
    let validated = AccessCharts.observation(nil, of: "nobody")
    let files =
      #"{"inputFormat":"application/fhir+ndjson","input":[{"type":"Patient","url":"https://files.example/a"}]}"#
    return [
      AccessProbe("POST", open: []) { _, _ in
        Request(
          path: "/fhir/$import", body: files, type: "application/json",
          fields: [("Prefer", "respond-async")])
      }.with {
        // Nobody has named a server: whoever comes so far is told just that.
        $0.hasPassed = { answer, _ in
          String(decoding: answer.body, as: UTF8.self).contains("does not fetch from that address")
        }
      },
      AccessProbe("POST", open: [200]) { _, _ in
        Request(path: "/fhir/Observation/$validate", body: validated, type: fhir)
      },
      AccessProbe("POST", open: [200]) { _, _ in
        Request(path: "/fhir/Observation/lab-x/$validate", body: validated, type: fhir)
      },
      AccessProbe("GET", { _ in "/fhir/Subscription/$status" }, open: [200]),
      AccessProbe("POST", open: [200]) { _, _ in
        Request(path: "/fhir/Subscription/$status", body: empty, type: fhir)
      },
    ]
  }

  static var owned: [AccessProbe] {
    var probes: [AccessProbe] = []
    for name in ["status", "events"] {
      probes.append(owned("GET") { Request(path: subscription($0, name)) })
      probes.append(
        owned("POST") { Request(path: subscription($0, name), body: empty, type: fhir) })
    }
    // Whoever reads every record reads how a subscription stands as well.
    for index in probes.indices.prefix(2) { probes[index].records = ["subscription"] }
    probes.append(owned("GET") { Request(path: "/fhir/_bulk/\($0.job)") })
    probes.append(owned("GET") { Request(path: "/fhir/_bulk/\($0.job)/\($0.file)") })
    var deletion = owned("DELETE") { scene in
      let job = if let spare = scene.spareJob { spare } else { try await scene.beginJob() }
      scene.spareJob = job
      return Request(path: "/fhir/_bulk/\(job)")
    }
    deletion.after = { scene, answer, _, _ in if answer.status == 202 { scene.spareJob = nil } }
    return probes + [deletion]
  }

  private static func subscription(_ scene: AccessScene, _ name: String) -> String {
    "/fhir/Subscription/\(scene.subscription)/$\(name)"
  }

  private static func owned(
    _ method: String, _ request: @escaping (AccessScene) async throws -> Request
  ) -> AccessProbe {
    AccessProbe(method, open: [200, 202]) { scene, _ in try await request(scene) }
      .with { $0.isOwned = true }
  }
}
