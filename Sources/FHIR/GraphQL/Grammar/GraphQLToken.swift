/// A lexical token of GraphQL (October 2021, 2.1.6).
struct GraphQLToken: Equatable {
  enum Kind: Equatable {
    /// `! $ & ( ) : = @ [ ] { | }`
    case punctuator(UInt8)
    /// `...`
    case spread
    case name(String)
    /// As it was written.
    case integer(String)
    case float(String)
    case string(String)
    case end
  }

  let kind: Kind
  /// Where it begins, in bytes.
  let offset: Int
}
