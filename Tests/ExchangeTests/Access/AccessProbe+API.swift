import Consent
import Exchange
import FHIR
import Foundation
import Identity
import Primitives
import Web

/// The REST API: what a program does for a person who has signed in at it.
extension AccessProbe {
  private static let json = "application/json"

  private static func get(
    _ record: String, _ path: @escaping (String) -> String
  ) -> AccessProbe {
    AccessProbe("GET", showing: record) { _, chart in Request(path: path(chart)) }
  }

  /// What is refused to everybody who has nothing but what the scene gave them.
  private static func proof(_ path: String, _ body: String) -> AccessProbe {
    AccessProbe("POST", open: [200, 201], shut: [400, 422, 429]) { _, _ in
      Request(path: "/api/auth/" + path, body: body, type: json)
    }.with { $0.isDear = true }
  }

  /// Under a condition that never holds.
  private static func never(
    _ method: String, _ path: @escaping (String) -> String, _ body: @escaping (String) -> String
  ) -> AccessProbe {
    AccessProbe(method, open: [412], records: ["lab"]) { _, chart in
      let body = body(chart)
      return Request(
        path: path(chart), body: body, type: body.isEmpty ? nil : json,
        fields: [("If-Match", "W/\"99\"")])
    }.with { $0.isAboutChart = true }
  }

  static var restAPI: [AccessProbe] {
    let secret = String(repeating: "a", count: 43)
    return [
      AccessProbe("GET", { _ in "/api" }, open: [200]),
      AccessProbe("GET", { _ in "/api/openapi.json" }, open: [200]),
      proof(
        "register",
        #"{"code":"AAAA-AAAA-AAAA","login":"stranger","name":"N","password":"correct horse battery 9"}"#
      ),
      proof("sign-in", #"{"login":"stranger","password":"correct horse battery 9"}"#),
      proof("sign-in/code", #"{"ticket":"\#(secret)","code":"000000"}"#),
      proof("second-factor", #"{"session_token":"\#(secret)"}"#),
      proof(
        "second-factor/confirm",
        #"{"session_token":"\#(secret)","ticket":"\#(secret)","code":"000000"}"#),
      proof("refresh", #"{"refresh_token":"\#(secret)"}"#),
      AccessProbe("POST", open: [200]) { _, _ in
        Request(path: "/api/verify", body: #"{"document":"AAAA"}"#, type: json)
      },
      // Nobody is born on a day to come: whoever may register is told so.
      AccessProbe("POST", open: [422]) { _, _ in
        Request(
          path: "/api/patients/register",
          body:
            #"{"name":{"family":"A","given":["B"]},"birth_date":"2999-01-01","gender":"female"}"#,
          type: json)
      },
      get("patient") { _ in "/api/patients/profile" },
      never(
        "PUT", { _ in "/api/patients/profile" },
        { _ in #"{"name":{"family":"A","given":["B"]},"birth_date":"2016-02-03","gender":"female"}"#
        }
      ).with {
        $0.records = ["patient"]
        $0.isAboutChart = false
      },
      get("lab") { "/api/records?patient_id=\($0)" },
      get("drug") { "/api/records?patient_id=\($0)&record_types=prescriptions" },
      get("lab") { "/api/records/Observation-lab-\($0)" },
      get("cover") { "/api/records/Coverage-cover-\($0)" },
      never(
        "PUT", { "/api/records/Observation-lab-\($0)" },
        { #"{"resource":\#(AccessCharts.observation("lab-\($0)", of: $0))}"# }),
      never("DELETE", { "/api/records/Observation-lab-\($0)" }, { _ in "" }),
      AccessProbe("POST", open: [201], records: ["lab"]) { _, chart in
        Request(
          path: "/api/records",
          body: #"{"resource":\#(AccessCharts.observation(nil, of: chart))}"#, type: json)
      }.with {
        $0.isAboutChart = true
        $0.after = { scene, answer, _, _ in
          guard answer.status == 201,
            let id = answer.fields["location"]?.split(separator: "/").last?.dropFirst(
              "Observation-".count)
          else { return }
          _ = try await scene.node.exchange.delete(
            "Observation", id: String(id), expecting: .any, as: scene.node.owner)
        }
      },
      // There is no such provider: whoever may share is told so.
      AccessProbe("POST", open: [422]) { _, _ in
        Request(
          path: "/api/sharing/grant",
          body:
            #"{"provider_id":"provider-123","record_types":["lab_results"],"expiry_date":"2027-01-31T23:59:59Z","purpose":"routine_checkup"}"#,
          type: json)
      },
      AccessProbe("PUT", open: [200]) { scene, chart in
        Request(path: "/api/sharing/\(scene.revoked[chart] ?? "")/revoke")
      }.with { $0.isAboutChart = true },
      AccessProbe("GET", { _ in "/api/sharing/permissions" }, open: [200]),
    ]
  }

  static var signingOut: [AccessProbe] {
    [AccessProbe("POST", { _ in "/api/auth/sign-out" }, open: [204])]
  }
}
