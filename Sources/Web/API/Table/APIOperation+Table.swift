import Consent
import Exchange

extension APIOperation {
  private static let patient = APIDescription.Parameter(
    name: "patient_id", place: .query, schema: .text(.id),
    note: "Whose; left out by patients and those who act for one.")
  private static let kinds = APIDescription.Parameter(
    name: "record_types", place: .query,
    schema: .list(.word(RecordTypeWord.accepted), 1...18, isSet: true), note: "Only of these types."
  )
  private static let page = [
    APIDescription.Parameter(
      name: "page_size", place: .query, schema: .integer(1...200), note: "How many on one page."),
    APIDescription.Parameter(
      name: "cursor", place: .query, schema: .text(.cursor),
      note: "Where the next page begins, from the link of the one before."),
  ]
  private static let condition = APIDescription.Parameter(
    name: "If-Match", place: .header,
    schema: .text(
      TextRule("W/\"[0-9]{1,9}\"|\"[0-9]{1,9}\"|[0-9]{1,9}", 1...13, example: "W/\"3\"")),
    note: "Only if this is still the version.")

  private static let sampleProfile = """
    {"name":{"family":"Samplewood","given":["Wren"]},"birth_date":"2019-04-12","gender":"female",\
    "phone":"+1 555 0100","language":"en"}
    """
  private static let sampleGrant = """
    {"provider_id":"provider-123","record_types":["lab_results","prescriptions"],\
    "expiry_date":"2026-12-31T23:59:59Z","purpose":"routine_checkup"}
    """
  private static let sampleRecord = """
    {"resource":{"resourceType":"Observation","status":"final","code":{"coding":[{"system":\
    "http://loinc.org","code":"8867-4","display":"Heart rate"}]},"subject":{"reference":\
    "Patient/juniper"},"effectiveDateTime":"2026-03-01","valueQuantity":{"value":62,"unit":"/min"}}}
    """

  /// A document in base64, a passphrase, and what is around them, in bytes.
  private static let longestVerification = (Exchange.longestDropped + 2) / 3 * 4 + 16_384

  static func row(_ operation: APIOperation) -> APIDescription {
    switch operation {
    case .register:
      entry(
        "/api/auth/register", .registration,
        """
        {"code":"4T0K-9XWM-2HQA","login":"juniper","name":"Juniper Samplewood","password":\
        "correct horse battery 9"}
        """, 201, .begunSession, [403, 409])
    case .beginSecondFactor:
      entry(
        "/api/auth/second-factor", .sessionReference, nil, 200, .authenticatorPrompt, [401])
    case .setUpSecondFactor:
      entry(
        "/api/auth/second-factor/confirm", .authenticatorProof, nil, 200, .access, [401, 403])
    case .signIn:
      entry(
        "/api/auth/sign-in", .credentials,
        #"{"login":"juniper","password":"correct horse battery 9"}"#, 200, .signInStep, [401])
    case .signInWithCode:
      entry("/api/auth/sign-in/code", .secondFactor, nil, 200, .access, [401, 403])
    case .refresh: entry("/api/auth/refresh", .renewal, nil, 200, .access, [401, 403])
    case .signOut:
      APIDescription(
        method: "POST", path: "/api/auth/sign-out", topic: .auth, permission: .signedIn,
        status: 204)
    case .registerPatient:
      APIDescription(
        method: "POST", path: "/api/patients/register", topic: .patients,
        permission: .node(.invitePatients), body: .profile, example: sampleProfile, status: 201,
        answer: .registeredPatient, failures: [409])
    case .readProfile:
      APIDescription(
        method: "GET", path: "/api/patients/profile", topic: .patients, permission: .own(.read),
        status: 200, answer: .storedProfile, fields: ["ETag"], failures: [410])
    case .replaceProfile:
      APIDescription(
        method: "PUT", path: "/api/patients/profile", topic: .patients,
        permission: .own(.write), parameters: [condition], body: .profile,
        example: sampleProfile, status: 200, answer: .storedProfile, fields: ["ETag"],
        failures: [409, 410, 412])
    case .addRecord:
      APIDescription(
        method: "POST", path: "/api/records", topic: .records, permission: .record(.write),
        body: .recordContent, longestBody: nil, example: sampleRecord, status: 201,
        answer: .record, fields: ["ETag", "Location"], failures: [409])
    case .listRecords:
      APIDescription(
        method: "GET", path: "/api/records", topic: .records, permission: .record(.search),
        parameters: [patient, kinds] + page, status: 200, answer: .recordPage)
    case .readRecord:
      APIDescription(
        method: "GET", path: "/api/records/{id}", topic: .records, permission: .record(.read),
        status: 200, answer: .record, fields: ["ETag"], failures: [410], idRule: .record)
    case .replaceRecord:
      APIDescription(
        method: "PUT", path: "/api/records/{id}", topic: .records, permission: .record(.write),
        parameters: [condition], body: .recordContent, longestBody: nil, example: sampleRecord,
        status: 200, answer: .record, fields: ["ETag"], failures: [409, 410, 412],
        idRule: .record)
    case .deleteRecord:
      APIDescription(
        method: "DELETE", path: "/api/records/{id}", topic: .records, permission: .record(.write),
        parameters: [condition], status: 204, failures: [409, 410, 412], idRule: .record)
    case .grantAccess:
      APIDescription(
        method: "POST", path: "/api/sharing/grant", topic: .sharing,
        permission: .node(.decideSharing), body: .sharingGrant, example: sampleGrant, status: 201,
        answer: .permission, failures: [404, 409])
    case .revokeAccess:
      APIDescription(
        method: "PUT", path: "/api/sharing/{id}/revoke", topic: .sharing,
        permission: .node(.decideSharing), status: 200, answer: .revocation, failures: [409],
        idRule: .id)
    case .listPermissions:
      APIDescription(
        method: "GET", path: "/api/sharing/permissions", topic: .sharing,
        permission: .node(.decideSharing), parameters: page, status: 200, answer: .permissionPage)
    case .verify:
      APIDescription(
        method: "POST", path: "/api/verify", topic: .verification, permission: .anybody,
        body: .verificationRequest, longestBody: longestVerification,
        example: #"{"document":"iVNFQw0KGgoAAQ=="}"#, status: 200, answer: .verification)
    }
  }

  /// A step of signing in: open to anybody, everything in the body.
  private static func entry(
    _ path: String, _ body: APIComponent, _ example: String?, _ status: Int,
    _ answer: APIComponent, _ failures: [Int]
  ) -> APIDescription {
    APIDescription(
      method: "POST", path: path, topic: .auth, permission: .open, body: body, example: example,
      status: status, answer: answer, failures: failures)
  }
}
