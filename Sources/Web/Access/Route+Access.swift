import Consent
import FHIR
import Identity

/// The table of access: every route with what it asks for. A route without a row does not compile; the tests
/// compare each row with what the routes do, for every kind of caller.
extension Route {
  /// - Parameter method: one of the route's own; HEAD counts as GET.
  package func access(_ method: String) -> RouteAccess {
    switch self {
    // What says that a node is there, and how to speak with it
    case .ready, .live, .identity, .server, .capabilities, .smartConfiguration,
      .communityMetadata, .cardKeys, .cardList:
      .anybody
    // The address of a link is what opens it, with its passcode where it has one.
    case .healthLink: .proof
    case .oauth(let endpoint): endpoint.access
    // The token that came with the registration.
    case .registration: .proof
    // The REST API
    case .api(let route): route.access(method)
    // Other nodes
    case .pairing: .proof
    case .messages: .peer
    case .breakGlass: .emergency
    // The log: hashes for everybody, and for other logs' checkpoints their signatures.
    case .logCheckpoint, .logTile: .anybody
    case .addCheckpoint: .proof
    // How a document stands, for whoever holds it: its key is a salted hash that travels with it.
    case .documentStatus: .anybody
    // Statements about organizations, never about people.
    case .entity: .anybody
    // The FHIR API
    case .system: method == "POST" ? .entries : .records(.search)
    case .type: .records(method == "GET" ? .search : .write)
    case .typeSearch, .compartment: .records(.search)
    case .instance: .records(method == "GET" ? .read : .write)
    case .history, .version, .changes: .records(.read)
    case .operation(let call): call.access
    case .bulkJob, .bulkFile: .owner
    // The pages
    case .portal(let page): page.access(method)
    }
  }
}

extension OperationCall {
  var access: RouteAccess {
    switch name {
    case .docref, .lastn: .records(.search)
    case .chart, .document, .everything, .summary: .records(.read)
    case .graphql: .records(id == nil ? .search : .read)
    case .meta: .records(id == nil ? .search : .read)
    // A job is begun by any program; what it finds is decided record by record, when it is fetched.
    case .export: id == nil ? .program : .records(.export)
    // Nothing that is kept is looked at; `$import` fetches from the operator's servers only.
    case .validate, .import: .program
    case .subscriptionStatus: id == nil ? .program : .records(.read)
    case .subscriptionEvents: .owner
    }
  }
}

extension APIRoute {
  func access(_ method: String) -> RouteAccess {
    guard case .resource(let path, _) = self else { return .anybody }
    let row = APIOperation.allCases.map(\.description).first {
      $0.path == path && $0.method == method
    }
    return switch row?.permission {
    case .open: .proof
    case .anybody: .anybody
    case .signedIn, nil: .signedInProgram(.member)
    case .node(let permission): .signedInProgram(.permission([permission]))
    case .record(let action): .signedInProgram(.chart(action))
    case .own(let action): .signedInProgram(.ownChart(action))
    }
  }
}

extension ServerMetadata.Endpoint {
  var access: RouteAccess {
    switch self {
    case .keys, .register: .anybody
    case .token, .pushedRequest, .introspect, .revoke: .proof
    case .userInfo: .app
    // These two are pages.
    case .authorize, .manage: .member
    }
  }
}

extension PortalRoute {
  package func access(_ method: String) -> RouteAccess {
    let isPost = method == "POST"
    return switch self {
    // Before somebody is signed in
    case .cardSignIn: .proof
    case .signIn, .passkeySignIn, .register: isPost ? .proof : .anybody
    case .secondFactor: isPost ? .proof : .anybody
    case .language, .asset: .anybody
    // What somebody holds anyway is looked at and forgotten.
    case .verify: .anybody
    // With one factor
    case .signOut, .security, .session, .oneTimeCodes, .passkeys, .cards: .session
    // With two
    case .password, .recoveryCodes, .closeAccount: .freshFactor
    case .passkey, .card, .removeOneTimeCodes, .account, .home, .training, .family, .delegate,
      .welcome, .apps,
      .app, .openApp, .events, .authorize:
      .member
    // The owner of a chart
    case .requests, .sharing, .newGrant, .revokeGrant, .newHelper, .healthCards, .healthCard,
      .healthLinks, .healthLink:
      .permission([.decideSharing])
    // How a request stands, to those who asked as well.
    case .request:
      isPost ? .permission([.decideSharing]) : .permission([.decideSharing, .requestAccess])
    case .log, .logProof: .permission([.seeChartLog])
    case .record, .recordType, .recordSearch: .chart(.search)
    case .recordItem: .chart(.read)
    case .newRecord, .upload: .household
    // The staff
    case .patients, .newRequest: .permission([.requestAccess])
    case .care: .permission([.assignCare, .invitePatients])
    case .shared, .sharedType, .sharedSearch, .sharedItem: .permission([.readSharedCharts])
    case .emergencies: isPost ? .permission([.breakGlass]) : .member
    case .emergency: isPost ? .permission([.reviewBreakGlass, .decideSharing]) : .member
    case .staff: .permission([.manageAccounts, .invitePatients])
    case .entities, .witnesses: .permission([.seeTrust])
    }
  }
}
