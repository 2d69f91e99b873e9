package import Consent

/// What programs can ask the REST API for. The table of `description` is what the router goes by, what
/// the OpenAPI document is made from, and what the tests go through.
package enum APIOperation: String, CaseIterable, Hashable, Sendable {
  case register
  case beginSecondFactor
  case setUpSecondFactor
  case signIn
  case signInWithCode
  case refresh
  case signOut
  case registerPatient
  case readProfile
  case replaceProfile
  case addRecord
  case listRecords
  case readRecord
  case replaceRecord
  case deleteRecord
  case grantAccess
  case revokeAccess
  case listPermissions
  case verify
}

/// One row of the table.
package struct APIDescription: Sendable {
  /// Under which heading it is shown.
  package enum Topic: String, CaseIterable, Sendable {
    case auth, patients, records, sharing, verification
  }

  /// Something in the query or in a field of the request.
  package struct Parameter: Sendable {
    package enum Place: String, Sendable { case query, header }
    package let name: String
    package let place: Place
    package let schema: JSONSchema
    package let note: String
  }

  /// Who may, beyond having signed in.
  package enum Permission: Sendable {
    /// Anybody, to sign in or register.
    case open
    /// Anybody, for what is about nobody.
    case anybody
    /// Whoever is signed in.
    case signedIn
    /// A row of the table of permissions.
    case node(NodePermission)
    /// What consents and the role table say about the record.
    case record(ConsentAction)
    /// Patients and those who act for one, on that chart.
    case own(ConsentAction)
  }

  package let method: String
  /// With `{id}` for what names one thing.
  package let path: String
  package let topic: Topic
  package let permission: Permission
  package var parameters: [Parameter] = []
  package var body: APIComponent?
  /// What a request may be long, in bytes; nil for that of a resource.
  package var longestBody: Int? = 16 << 10
  /// JSON of the example in the document.
  package var example: String?
  package let status: Int
  /// Nil where the answer has no body.
  package var answer: APIComponent?
  /// Fields of the answer beside the usual ones.
  package var fields: [String] = []
  /// What can go wrong beside what can go wrong everywhere.
  package var failures: [Int] = []
  /// What the id in the path looks like.
  package var idRule: TextRule?

  package var isOpen: Bool {
    switch permission {
    case .open, .anybody: true
    default: false
    }
  }

  /// All statuses of refusals, in order.
  package var refusals: [Int] {
    var all: Set<Int> = [400, 408, 429, 500, 503]
    all.formUnion(failures)
    if !isOpen { all.formUnion([401, 403]) }
    // A chart whose key was destroyed, and too many who change the same thing at once.
    if topic != .auth, topic != .verification { all.formUnion([409, 410]) }
    if !parameters.isEmpty { all.insert(422) }
    if answer != nil { all.insert(406) }
    if body != nil { all.formUnion([413, 415, 422]) }
    if path.hasSuffix("}") || path.contains("}/") { all.insert(404) }
    return all.sorted()
  }
}

extension APIOperation {
  package var description: APIDescription { Self.table[self] ?? Self.row(self) }

  private static let table = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0, row($0)) })

  /// The operation of a method at a path of the table.
  package static func at(_ path: String, _ method: String) -> APIOperation? {
    allCases.first { $0.description.path == path && $0.description.method == method }
  }
}
