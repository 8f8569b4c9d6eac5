(program
  (method
    name: (_) @name
    body: (_)? @body) @definition.function)

(method
  name: (_) @name
  body: (_)? @body) @definition.method

(singleton_method
  name: (_) @name
  body: (_)? @body) @definition.method

(class
  name: [
    (constant) @name
    (scope_resolution name: (constant) @name)
  ]
  body: (_)? @body) @definition.class

(module
  name: [
    (constant) @name
    (scope_resolution name: (constant) @name)
  ]
  body: (_)? @body) @definition.module

(assignment left: (constant) @name) @definition.constant

(body_statement
  (call
    !receiver
    method: (identifier) @macro
    arguments: (_)) @member
  (#match? @macro "^(attr_|has_|belongs_to|include|extend|prepend|validate|scope|delegate|enum|field|property)"))

(call
  !receiver
  method: (identifier) @function
  arguments: (argument_list . (string) @module .)
  (#any-of? @function "require" "load")) @import

(call
  !receiver
  method: (identifier) @relative
  arguments: (argument_list . (string) @module .)
  (#eq? @relative "require_relative")) @import

(program
  (if
    condition: (binary) @guard) @main
  (#match? @guard "__FILE__"))

[
  (if)
  (elsif)
  (unless)
  (while)
  (until)
  (for)
  (when)
  (in_clause)
  (rescue)
  (conditional)
  (if_modifier)
  (unless_modifier)
  (while_modifier)
  (until_modifier)
  (rescue_modifier)
  (binary operator: ["&&" "||" "and" "or"])
] @branch

(call method: (identifier) @reference)
(constant) @reference
