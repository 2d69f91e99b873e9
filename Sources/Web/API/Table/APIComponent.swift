import Consent
import FHIR

/// The named shapes of what goes in and out.
package enum APIComponent: String, CaseIterable, Sendable {
  case problem = "Problem"
  case registration = "Registration"
  case begunSession = "BegunSession"
  case sessionReference = "SessionReference"
  case authenticatorPrompt = "AuthenticatorPrompt"
  case authenticatorProof = "AuthenticatorProof"
  case credentials = "Credentials"
  case signInStep = "SignInStep"
  case secondFactor = "SecondFactor"
  case renewal = "Renewal"
  case access = "Access"
  case profile = "Profile"
  case storedProfile = "StoredProfile"
  case registeredPatient = "RegisteredPatient"
  case recordContent = "RecordContent"
  case record = "Record"
  case recordPage = "RecordPage"
  case sharingGrant = "SharingGrant"
  case permission = "Permission"
  case permissionPage = "PermissionPage"
  case revocation = "Revocation"
  case verificationRequest = "VerificationRequest"
  case verification = "Verification"

  var reference: String { "#/components/schemas/\(rawValue)" }

  package var schema: JSONSchema {
    switch self {
    case .problem:
      .object([
        .must("type", .text(.anything), "about:blank: the status says what kind it is (RFC 9457)."),
        .must("title", .text(.anything)), .must("status", .integer(400...599)),
        .must("detail", .text(.anything), "Why, for people; never what was sent."),
        .must("code", .text(.line(64, example: "not-found")), "Stable, for programs."),
        .may("place", .text(.anything), "Where in the request the fault lies."),
        .must("request", .text(.anything), "The request's id, as in X-Request-Id."),
      ])
    case .registration:
      .object([
        .must(
          "code", .text(.invitation), "Of the invitation, handed over by the desk or the family."),
        .must("login", .text(.login)),
        .must("name", .text(.line(60, example: "Juniper Samplewood"))),
        .must(
          "password", .text(.password), "Twelve characters or more, and not one that is known."),
        .may("language", .text(.language)), .may("email", .text(.email)),
      ])
    case .begunSession:
      .object([
        .must("session_token", .text(.session)),
        .must("next", .word(["set-up-second-factor"]), "All that the session can do yet."),
      ])
    case .sessionReference: .object([.must("session_token", .text(.session))])
    case .authenticatorPrompt:
      .object([
        .must("otpauth_uri", .text(.link), "For an authenticator app, as a QR code."),
        .must("ticket", .text(.ticket)),
      ])
    case .authenticatorProof:
      .object([
        .must("session_token", .text(.session)), .must("ticket", .text(.ticket)),
        .must("code", .text(.code)), .may("acting_as", .text(.capacity)),
      ])
    case .credentials:
      .object([
        .must("login", .text(.login)), .must("password", .text(.password)),
        .may("device", .text(.ticket), "From an earlier answer: strangers do not slow it down."),
      ])
    case .signInStep:
      .object([
        .must("next", .word(["second-factor", "set-up-second-factor"])),
        .may("ticket", .text(.ticket), "To be sent on with the second factor."),
        .may("session_token", .text(.session), "Where there is no second factor yet."),
      ])
    case .secondFactor:
      .object([
        .must("ticket", .text(.ticket)), .must("code", .text(.code)),
        .may("acting_as", .text(.capacity)), .may("device", .text(.ticket)),
      ])
    case .renewal:
      .object([
        .must("refresh_token", .text(.session)), .may("acting_as", .text(.capacity)),
      ])
    case .verificationRequest, .verification: verificationSchema
    default: dataSchema
    }
  }
}
