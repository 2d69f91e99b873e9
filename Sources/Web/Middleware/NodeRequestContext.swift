import Hummingbird

/// What Hummingbird makes for each request. Everything else about a request is an `Incoming`.
struct NodeRequestContext: InitializableFromSource {
  init(source: ApplicationRequestContextSource) {}
}
