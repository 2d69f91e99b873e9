import Foundation
import Identity
import Primitives
import Testing

@Suite("What the authorization server tells of itself")
struct ServerMetadataTests {
  let server = ServerMetadata(
    issuer: TestServer.issuer, fhirBase: TestServer.base,
    mutualTLSBase: "https://node.example:8444")

  @Test("what RFC 8414 and OpenID Connect Discovery demand")
  func authorizationServer() throws {
    let document = try object(server.authorizationServer)
    for name in [
      "issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "response_types_supported",
      "subject_types_supported", "id_token_signing_alg_values_supported",
    ] {
      #expect(document[name] != nil, "\(name)")
    }
    #expect(document["issuer"] as? String == TestServer.issuer)
    #expect(document["code_challenge_methods_supported"] as? [String] == ["S256"])
    #expect(document["authorization_response_iss_parameter_supported"] as? Bool == true)
    #expect(
      document["token_endpoint_auth_methods_supported"] as? [String] == [
        "none", "private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth",
      ])
    for (name, value) in document where name.hasSuffix("_endpoint") || name.hasSuffix("_uri") {
      #expect((value as? String)?.hasPrefix(TestServer.issuer + "/") == true)
    }
    let algorithms = document["token_endpoint_auth_signing_alg_values_supported"] as? [String]
    #expect(algorithms?.contains("none") == false)
    #expect(algorithms?.contains { $0.hasPrefix("HS") } == false)
    let aliases = document["mtls_endpoint_aliases"] as? [String: String]
    #expect(aliases?["token_endpoint"] == "https://node.example:8444/oauth/token")
  }

  @Test("what SMART App Launch 2.2 demands")
  func smart() throws {
    let document = try object(server.smartConfiguration)
    for name in [
      "issuer", "jwks_uri", "authorization_endpoint", "token_endpoint", "grant_types_supported",
      "scopes_supported", "response_types_supported", "management_endpoint",
      "introspection_endpoint", "revocation_endpoint", "capabilities",
      "code_challenge_methods_supported",
    ] {
      #expect(document[name] != nil, "\(name)")
    }
    let capabilities = try #require(document["capabilities"] as? [String])
    #expect(capabilities.contains("permission-v2"))
    #expect(capabilities.contains("client-confidential-asymmetric"))
    #expect(!capabilities.contains("client-confidential-symmetric"))
    for scope in try #require(document["scopes_supported"] as? [String]) {
      #expect(throws: Never.self) { try SMARTScopes(granted: scope) }
    }
  }

  @Test("what is not offered is not named")
  func without() throws {
    let closed = ServerMetadata(
      issuer: TestServer.issuer, fhirBase: TestServer.base, allowsRegistration: false)
    let document = try object(closed.authorizationServer)
    #expect(document["registration_endpoint"] == nil)
    #expect(document["mtls_endpoint_aliases"] == nil)
    let resource = try object(closed.protectedResource)
    #expect(resource["resource"] as? String == TestServer.base)
    #expect(resource["authorization_servers"] as? [String] == [TestServer.issuer])
    #expect(closed.assertionAudiences == [TestServer.token, TestServer.issuer])
  }
}
