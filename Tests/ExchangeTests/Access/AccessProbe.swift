import Consent
import FHIR
import Identity
import Primitives
import Web

/// A request to one route, and how its answer shows that the door was passed.
///
/// Each is made so that whoever may gets an answer that nobody else gets: the record's own word, or what is
/// only found out behind the door (that there is no such thing, that a form lacks something).
struct AccessProbe {
  struct Request {
    var path: String
    var body = ""
    var type: String?
    var fields: [(String, String)] = []
    /// A form: its fields beside the token against forgery.
    var form: [(String, String)]?
    /// Sends a wrong token with it: behind the session, and before anything is done.
    var isForged = false
  }

  let method: String
  let request: (AccessScene, String) async throws -> Request
  /// Puts into the request what only this subject can have.
  var prepare: ((AccessScene, AccessSubject.Credential, inout Request) async throws -> Void)?
  /// The records that must be open.
  var records: [String] = []
  var permission: NodePermission?
  /// What the entry of a batch does.
  var action = ConsentAction.read
  /// Whether every chart has its own answer; else one chart stands for all.
  var isAboutChart = false
  /// Whether only the bearer to whom things belong is asked about; for jobs and subscriptions.
  var isOwned = false
  /// Whether each answer costs much: then one chart stands for all, and where it is about none, one subject
  /// of each kind and strength.
  var isDear = false
  var hasPassed: (DirectAnswer, String) -> Bool
  /// What else than a plain refusal says that the door stayed shut.
  var otherRefusals: Set<Int> = []
  /// What is undone afterwards.
  var after:
    ((AccessScene, DirectAnswer, AccessSubject.Credential, AccessSubject) async throws -> Void)?

  init(
    _ method: String, _ path: @escaping (String) -> String, open: [Int],
    records: [String] = [], shut: Set<Int> = []
  ) {
    self.method = method
    request = { _, chart in Request(path: path(chart)) }
    self.records = records
    hasPassed = { answer, _ in open.contains(answer.status) && !answer.leadsToGate }
    otherRefusals = shut
  }

  init(
    _ method: String, open: [Int], records: [String] = [], shut: Set<Int> = [],
    _ request: @escaping (AccessScene, String) async throws -> Request
  ) {
    self.method = method
    self.request = request
    self.records = records
    hasPassed = { answer, _ in open.contains(answer.status) && !answer.leadsToGate }
    otherRefusals = shut
  }

  /// One whose answer shows the word of a record.
  init(
    _ method: String, showing record: String, records: [String]? = nil,
    _ request: @escaping (AccessScene, String) async throws -> Request
  ) {
    self.method = method
    self.request = request
    self.records = records ?? [record == "tag" ? "lab" : record]
    isAboutChart = true
    hasPassed = { answer, chart in
      answer.status == 200
        && String(decoding: answer.body, as: UTF8.self)
          .contains(AccessCharts.mark(record, chart))
    }
    // A search finds nothing where nothing is open.
    otherRefusals = [200]
  }

  func with(_ change: (inout AccessProbe) -> Void) -> AccessProbe {
    var probe = self
    change(&probe)
    return probe
  }

  /// Whether the answer is a refusal.
  func isRefused(_ answer: DirectAnswer) -> Bool {
    if [401, 403, 404].contains(answer.status) || otherRefusals.contains(answer.status) {
      return true
    }
    return answer.leadsToGate
  }
}

extension DirectAnswer {
  /// Whether a page sends its visitor to sign in, or to set up a second factor.
  var leadsToGate: Bool {
    let place = fields["location"] ?? ""
    return status == 303 && (place.hasPrefix("/sign-in") || place == "/security")
  }
}

extension AccessProbe.Request {
  /// What is sent for a subject.
  func direct(
    _ method: String, _ credential: AccessSubject.Credential, _ subject: AccessSubject,
    address: String
  ) -> DirectRequest {
    let formToken = String(repeating: "f", count: 43)
    var cookies = ["__Host-peerchart-form=\(formToken)"]
    var token = formToken
    var fields = fields.map { (name: $0.0, value: $0.1) }
    var certificate: [UInt8]?
    switch credential {
    case .nothing: break
    case .cookie(let session):
      cookies.append("__Host-peerchart=\(session.text.exposed)")
      if subject.strength != .none { token = session.formToken.exposed }
    case .bearer(let bearer): fields.append((name: "Authorization", value: "Bearer \(bearer)"))
    case .certificate(let der):
      certificate = der
      fields.append((name: "X-Purpose-Of-Use", value: "TREAT"))
    }
    cookies += self.fields.filter { $0.0 == "Cookie" }.map(\.1)
    fields.removeAll { $0.name == "Cookie" }
    fields.append((name: "Cookie", value: cookies.joined(separator: "; ")))
    var body = body
    var type = type
    if let form {
      type = "application/x-www-form-urlencoded"
      body = QueryString(form + [("csrf", isForged ? "wrong" : token)]).encoded
    }
    if let type { fields.append((name: "Content-Type", value: type)) }
    if !body.isEmpty || form != nil {
      fields.append((name: "Content-Length", value: String(body.utf8.count)))
    }
    return DirectRequest(
      method, path, fields: fields, body: Array(body.utf8), address: address,
      certificate: certificate)
  }
}
