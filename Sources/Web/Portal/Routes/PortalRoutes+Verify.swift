import Exchange
import Hummingbird
import Primitives

extension PortalRoutes {
  /// Looks at a file for anybody, and forgets it.
  func verify(_ request: PortalRequest) async throws -> Response {
    let longest = Exchange.longestDropped
    guard request.isPost else { return try await page(VerifyPage(longest: longest), request) }
    let address = request.incoming.connection.remoteAddress
    return try await exchange.withVerificationPlace(for: address) {
      let form = try await dropped(request)
      let file = form["file"].map { $0.isFile ? Array($0.bytes) : [] } ?? []
      guard !file.isEmpty else {
        return try await page(
          VerifyPage(longest: longest, error: "verify.error_none"), request,
          notes: [PageFrame.Note(.alarm, "error.form")], status: .unprocessableContent)
      }
      let passphrase = form["passphrase"].map { Array($0.bytes) } ?? []
      let found = try await exchange.verify(
        dropped: file, passphrase: passphrase.isEmpty ? nil : Redacted(passphrase))
      return try await page(VerifyPage(found: found, longest: longest), request)
    }
  }

  /// The form, once its token was checked.
  private func dropped(_ request: PortalRequest) async throws -> MultipartBody {
    try PortalForm.checkOrigin(request.incoming)
    let type = try request.incoming.field(.contentType) ?? ""
    let body = try await BodyReader.read(
      request.incoming, limit: Exchange.longestDropped + PortalForm.longest)
    let form = try MultipartBody(parsing: body, contentType: type)
    try PortalForm.check(
      form.parts.filter { $0.name == "csrf" }.map { Array($0.bytes) }, request)
    return form
  }
}
