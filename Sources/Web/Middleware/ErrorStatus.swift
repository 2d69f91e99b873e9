package import Primitives

extension PeerChartError.Code {
  /// The route exists, the method does not.
  package static let methodNotAllowed = Self("method-not-allowed")
  /// Nothing that the caller accepts is offered.
  package static let notAcceptable = Self("not-acceptable")
  /// The body is in a format that is not taken.
  package static let unsupportedMediaType = Self("unsupported-media-type")
  /// The request did not come in within a reasonable time.
  package static let requestTimeout = Self("request-timeout")
}

/// The one place that says what an error is in HTTP and in FHIR (rule 8).
package struct ErrorStatus: Equatable, Sendable {
  /// What of the request bears on the status.
  package struct Circumstances: Sendable {
    /// `If-Match` was given, so a conflict is a failed precondition (RFC 9110 section 15.5.13).
    package var isConditional: Bool
    /// A resource was sent, so what is invalid is its content (R4 3.1.0.1.11).
    package var hasContent: Bool

    package init(isConditional: Bool = false, hasContent: Bool = false) {
      self.isConditional = isConditional
      self.hasContent = hasContent
    }
  }

  /// HTTP status code (RFC 9110 section 15).
  package let status: Int
  /// Code of FHIR's value set issue-type.
  package let issue: String

  private init(_ status: Int, _ issue: String) {
    self.status = status
    self.issue = issue
  }

  /// Returns nil for a code that nobody outside is told about: that is a 500 without detail.
  package init?(
    of code: PeerChartError.Code, in circumstances: Circumstances = Circumstances()
  ) {
    switch code {
    case .malformed: self.init(400, "structure")
    case .invalid: self.init(circumstances.hasContent ? 422 : 400, "invalid")
    case .unauthenticated: self.init(401, "login")
    case .forbidden: self.init(403, "forbidden")
    case .notFound: self.init(404, "not-found")
    case .methodNotAllowed: self.init(405, "not-supported")
    case .notAcceptable: self.init(406, "not-supported")
    case .requestTimeout: self.init(408, "timeout")
    case .conflict: self.init(circumstances.isConditional ? 412 : 409, "conflict")
    case .gone: self.init(410, "deleted")
    case .tooLarge: self.init(413, "too-long")
    case .unsupportedMediaType: self.init(415, "not-supported")
    case .unsupportedVersion: self.init(422, "not-supported")
    case .integrity: self.init(500, "exception")
    case .notSupported: self.init(501, "not-supported")
    case .unreachable: self.init(502, "transient")
    case .storage: self.init(503, "transient")
    // Documents have codes of their own, one for each way in which they do not follow their format.
    case _ where code.rawValue.hasPrefix("sec-"): self.init(400, "structure")
    default: return nil
    }
  }

  /// An error that should not have come this far.
  package static let unexpected = ErrorStatus(500, "exception")

  /// The status line's words (RFC 9110 section 15), as a title for people.
  package static func title(_ status: Int) -> String {
    switch status {
    case 400: "Bad Request"
    case 401: "Unauthorized"
    case 403: "Forbidden"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 406: "Not Acceptable"
    case 408: "Request Timeout"
    case 409: "Conflict"
    case 410: "Gone"
    case 412: "Precondition Failed"
    case 413: "Content Too Large"
    case 415: "Unsupported Media Type"
    case 422: "Unprocessable Content"
    case 501: "Not Implemented"
    case 502: "Bad Gateway"
    case 503: "Service Unavailable"
    default: "Internal Server Error"
    }
  }
}
