(function_definition
  name: (name) @name
  body: (_) @body) @definition.function

(method_declaration
  name: (name) @name
  body: (_)? @body) @definition.method

(class_declaration
  name: (name) @name
  body: (_) @body) @definition.class

(interface_declaration
  name: (name) @name
  body: (_) @body) @definition.interface

(trait_declaration
  name: (name) @name
  body: (_) @body) @definition.trait

(enum_declaration
  name: (name) @name
  body: (_) @body) @definition.enum

(program
  (const_declaration (const_element . (name) @name)) @definition.constant)

(expression_statement
  (function_call_expression
    function: (name) @function
    arguments: (arguments . (argument (string (string_content) @name)))
    (#eq? @function "define"))) @definition.constant

(declaration_list [
  (const_declaration)
  (property_declaration)
  (use_declaration)
] @member)
(enum_declaration_list [
  (enum_case)
  (const_declaration)
] @member)

(namespace_use_declaration
  (namespace_use_clause [(qualified_name) (name)] @module)) @import

(namespace_use_declaration
  (namespace_name) @module
  body: (namespace_use_group (namespace_use_clause . [(name) (qualified_name)] @imported))) @import

[
  (require_expression (string) @module)
  (require_once_expression (string) @module)
  (include_expression (string) @module)
  (include_once_expression (string) @module)
  (require_expression (binary_expression right: (string) @module))
  (require_once_expression (binary_expression right: (string) @module))
  (include_expression (binary_expression right: (string) @module))
  (include_once_expression (binary_expression right: (string) @module))
] @import

[
  (if_statement)
  (else_if_clause)
  (for_statement)
  (foreach_statement)
  (while_statement)
  (do_statement)
  (case_statement)
  (match_conditional_expression)
  (catch_clause)
  (conditional_expression)
  (binary_expression operator: ["&&" "||" "??" "and" "or"])
] @branch

(function_call_expression function: [
  (name) @reference
  (qualified_name (name) @reference)
])
(member_call_expression name: (name) @reference)
(nullsafe_member_call_expression name: (name) @reference)
(scoped_call_expression scope: (name) @reference)
(scoped_call_expression name: (name) @reference)
(class_constant_access_expression . (name) @reference)
(member_access_expression name: (name) @reference)
(object_creation_expression [
  (name) @reference
  (qualified_name (name) @reference)
])
(named_type [
  (name) @reference
  (qualified_name (name) @reference)
])
(base_clause [
  (name) @reference
  (qualified_name (name) @reference)
])
(class_interface_clause [
  (name) @reference
  (qualified_name (name) @reference)
])
(attribute (name) @reference)
(use_declaration (name) @reference)
(namespace_use_clause [
  (name) @reference
  (qualified_name (name) @reference)
])
