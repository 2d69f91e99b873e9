/// The pages for people, by what their paths name.
package enum PortalRoute: Hashable, Sendable {
  case home
  case signIn
  case secondFactor
  case passkeySignIn
  case register
  case signOut
  /// What other nodes ask for, and one of these requests.
  case requests
  case request(String)
  case sharing
  case newGrant
  case revokeGrant(String)
  /// Health cards about the chart, and taking one back.
  case healthCards
  case healthCard(String)
  /// Health links to the chart; one of them: showing it once more, and ending it.
  case healthLinks
  case healthLink(String)
  case log
  case logProof(Int64)
  case record
  case recordType(String)
  case recordSearch
  case recordItem(String, id: String)
  case family
  /// What a patient of another node has opened, by the request that it was opened for.
  case shared(String)
  case sharedType(String, type: String)
  case sharedSearch(String)
  case sharedItem(String, type: String, id: String)
  case security
  /// Ends one session.
  case session(String)
  /// Sets up an authenticator app, and shows recovery codes.
  case oneTimeCodes
  case passkeys
  /// Removes one passkey.
  case passkey(String)
  /// The staff's side: the patients that they look after, and asking for access.
  case patients
  /// Who treats one of them, and who may sign in as or for them.
  case care(String)
  case newRequest
  /// What the staff confirm before they see other people's charts.
  case training
  case emergencies
  case emergency(String)
  case staff
  /// Which organizations this node knows, and how its log and those that it follows stand.
  case entities
  case witnesses
  /// An app asks for access, the apps that have it, and ending it.
  case authorize
  case apps
  case app(String)
  /// Opens an app out of the session.
  case openApp(String)
  /// Smart cards: signing in with one, adding the one that is shown, removing one.
  case cardSignIn
  case cards
  case card(String)
  case language
  /// The account: language, mail, closing it.
  case account
  case closeAccount
  case password
  case recoveryCodes
  case removeOneTimeCodes
  /// Naming somebody who helps with the chart, and opening one as somebody named for emergencies.
  case newHelper
  case delegate(String)
  /// What comes first, and the first record.
  case welcome
  case newRecord
  /// Records that somebody has as a file.
  case upload
  /// Looks at a document or a proof that somebody has.
  case verify
  /// What has happened meanwhile, as server-sent events.
  case events
  case asset(String)

  /// Reads a path without its query; nil for one that is no page's.
  package init?(path: some StringProtocol) {
    let path = String(path)
    guard path.hasPrefix("/") else { return nil }
    self.init(
      segments: path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(
        String.init)[...])
  }

  /// Reads the decoded segments of a path, of which `/` has one that is empty.
  package init?(segments: ArraySlice<String>) {
    let segments = Array(segments)
    switch segments.count {
    case 1: self.init(first: segments[0])
    case 2: self.init(first: segments[0], second: segments[1])
    case 3: self.init(first: segments[0], second: segments[1], third: segments[2])
    case 4 where segments[0] == "shared" && !segments[1...].contains(""):
      self = .sharedItem(segments[1], type: segments[2], id: segments[3])
    default: return nil
    }
  }

  private init?(first: String) {
    switch first {
    case "": self = .home
    case "sign-in": self = .signIn
    case "register": self = .register
    case "sign-out": self = .signOut
    case "requests": self = .requests
    case "sharing": self = .sharing
    case "log": self = .log
    case "record": self = .record
    case "family": self = .family
    case "security": self = .security
    case "patients": self = .patients
    case "training": self = .training
    case "emergency": self = .emergencies
    case "staff": self = .staff
    case "entities": self = .entities
    case "witnesses": self = .witnesses
    case "apps": self = .apps
    case "language": self = .language
    case "account": self = .account
    case "welcome": self = .welcome
    case "verify": self = .verify
    case "events": self = .events
    default: return nil
    }
  }

  private init?(first: String, second: String) {
    guard !second.isEmpty else { return nil }
    switch (first, second) {
    case ("sign-in", "code"): self = .secondFactor
    case ("sign-in", "passkey"): self = .passkeySignIn
    case ("sign-in", "card"): self = .cardSignIn
    case ("security", "cards"): self = .cards
    case ("requests", "new"): self = .newRequest
    case ("requests", let id): self = .request(id)
    case ("sharing", "new"): self = .newGrant
    case ("sharing", "cards"): self = .healthCards
    case ("sharing", "links"): self = .healthLinks
    case ("record", "search"): self = .recordSearch
    case ("record", "new"): self = .newRecord
    case ("record", "upload"): self = .upload
    case ("account", "close"): self = .closeAccount
    case ("security", "password"): self = .password
    case ("security", "codes"): self = .recoveryCodes
    case ("family", "new"): self = .newHelper
    case ("family", let id): self = .delegate(id)
    case ("record", let type): self = .recordType(type)
    case ("security", "app"): self = .oneTimeCodes
    case ("security", "passkeys"): self = .passkeys
    case ("emergency", let id): self = .emergency(id)
    case ("shared", let id): self = .shared(id)
    case ("patients", let id): self = .care(id)
    case ("oauth", "authorize"): self = .authorize
    case ("apps", let id): self = .app(id)
    case ("assets", let name): self = .asset(name)
    default: return nil
    }
  }

  private init?(first: String, second: String, third: String) {
    guard !second.isEmpty, !third.isEmpty else { return nil }
    switch (first, third) {
    case ("sharing", "revoke"): self = .revokeGrant(second)
    case ("sharing", _) where second == "cards": self = .healthCard(third)
    case ("sharing", _) where second == "links": self = .healthLink(third)
    case ("log", "proof"):
      guard let number = Int64(second), number >= 0 else { return nil }
      self = .logProof(number)
    case ("record", _): self = .recordItem(second, id: third)
    case ("security", "remove") where second == "app": self = .removeOneTimeCodes
    case ("shared", "search"): self = .sharedSearch(second)
    case ("shared", _): self = .sharedType(second, type: third)
    case ("security", _) where second == "sessions": self = .session(third)
    case ("security", _) where second == "passkeys": self = .passkey(third)
    case ("security", _) where second == "cards": self = .card(third)
    case ("apps", "open"): self = .openApp(second)
    default: return nil
    }
  }
}

extension PortalRoute {
  /// The methods that the route has, besides HEAD wherever there is GET.
  package var methods: [String] {
    switch self {
    case .home, .requests, .sharing, .log, .logProof, .record, .recordType, .recordSearch,
      .recordItem, .shared, .sharedType, .sharedSearch, .sharedItem, .patients, .events, .asset,
      .apps, .security, .entities, .witnesses:
      ["GET"]
    case .signIn, .secondFactor, .register, .request, .newGrant, .family, .oneTimeCodes,
      .passkeys, .care, .training, .newRequest, .emergencies, .emergency, .staff:
      ["GET", "POST"]
    case .authorize, .openApp, .healthCards, .healthLinks, .healthLink: ["GET", "POST"]
    case .cardSignIn, .cards, .card, .healthCard: ["POST"]
    case .account, .closeAccount, .password, .recoveryCodes, .newHelper, .delegate, .newRecord,
      .upload, .passkey, .verify:
      ["GET", "POST"]
    case .welcome: ["GET"]
    case .signOut, .app, .passkeySignIn, .revokeGrant, .session, .language, .removeOneTimeCodes:
      ["POST"]
    }
  }

  /// What stands in the log instead of the path, which may name a record.
  package var pattern: String {
    switch self {
    case .home: "/"
    case .signIn: "/sign-in"
    case .secondFactor: "/sign-in/code"
    case .passkeySignIn: "/sign-in/passkey"
    case .register: "/register"
    case .signOut: "/sign-out"
    case .requests: "/requests"
    case .request: "/requests/:id"
    case .sharing: "/sharing"
    case .newGrant: "/sharing/new"
    case .revokeGrant: "/sharing/:id/revoke"
    case .healthCards: "/sharing/cards"
    case .healthCard: "/sharing/cards/:id"
    case .healthLinks: "/sharing/links"
    case .healthLink: "/sharing/links/:id"
    case .log: "/log"
    case .logProof: "/log/:number/proof"
    case .record: "/record"
    case .recordType: "/record/:type"
    case .recordSearch: "/record/search"
    case .recordItem: "/record/:type/:id"
    case .family: "/family"
    case .shared: "/shared/:request"
    case .sharedType: "/shared/:request/:type"
    case .sharedSearch: "/shared/:request/search"
    case .sharedItem: "/shared/:request/:type/:id"
    case .security: "/security"
    case .session: "/security/sessions/:id"
    case .oneTimeCodes: "/security/app"
    case .passkeys: "/security/passkeys"
    case .passkey: "/security/passkeys/:id"
    case .patients: "/patients"
    case .care: "/patients/:id"
    case .training: "/training"
    case .newRequest: "/requests/new"
    case .emergencies: "/emergency"
    case .emergency: "/emergency/:id"
    case .staff: "/staff"
    case .entities: "/entities"
    case .witnesses: "/witnesses"
    case .authorize: "/oauth/authorize"
    case .apps: "/apps"
    case .app: "/apps/:id"
    case .openApp: "/apps/:id/open"
    case .cardSignIn: "/sign-in/card"
    case .cards: "/security/cards"
    case .card: "/security/cards/:id"
    case .language: "/language"
    case .account: "/account"
    case .closeAccount: "/account/close"
    case .password: "/security/password"
    case .recoveryCodes: "/security/codes"
    case .removeOneTimeCodes: "/security/app/remove"
    case .newHelper: "/family/new"
    case .delegate: "/family/:id"
    case .welcome: "/welcome"
    case .newRecord: "/record/new"
    case .upload: "/record/upload"
    case .verify: "/verify"
    case .events: "/events"
    case .asset: "/assets/:name"
    }
  }

  /// Whether the page is there for people who have not signed in.
  package var isOpen: Bool {
    switch self {
    case .signIn, .secondFactor, .passkeySignIn, .cardSignIn, .register, .language, .asset,
      .authorize, .verify:
      true
    default: false
    }
  }

  /// Whether the page is about the records of others: for the staff after training only.
  package var showsOthersRecords: Bool {
    switch self {
    case .patients, .care, .newRequest, .record, .recordType, .recordSearch, .recordItem, .shared,
      .sharedType, .sharedSearch, .sharedItem:
      true
    default: false
    }
  }

  /// Whether the page is there for people who have yet to set up a second factor.
  package var needsNoSecondFactor: Bool {
    switch self {
    case .security, .oneTimeCodes, .passkeys, .session, .signOut, .cards: true
    default: isOpen
    }
  }

  /// Whether the page is there for people who have shown two factors and can act as nobody: their own
  /// accounts, and what they were named for.
  package var needsNoCapacity: Bool {
    switch self {
    case .account, .closeAccount, .password, .recoveryCodes, .removeOneTimeCodes, .passkey, .family,
      .delegate:
      true
    default: needsNoSecondFactor
    }
  }
}
