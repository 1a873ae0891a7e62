# Reads every *.ps1 below a folder with PowerShell's own parser and prints what stands in it as JSON.
# Used by test_powershell_static.py, which holds the rules; here are only facts about syntax. Needs PowerShell 7, runs nothing it reads.
param([Parameter(Mandatory)] [string] $Folder)
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

function Get-Ancestor {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Ast, [Parameter(Mandatory)] [string[]] $Kind)
    $parent = $Ast.Parent
    while (($null -ne $parent) -and ($Kind -notcontains $parent.GetType().Name)) { $parent = $parent.Parent }
    $parent
}

# The function that a node stands in; '' at the top level.
function Get-FunctionName {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Ast)
    $function = Get-Ancestor -Ast $Ast -Kind 'FunctionDefinitionAst'
    if ($null -eq $function) { return '' }
    [string]$function.Name
}

function Test-Kind {
    [CmdletBinding()] param([AllowNull()] [object] $Ast, [Parameter(Mandatory)] [string] $Kind)
    ($null -ne $Ast) -and ($Ast.GetType().Name -eq $Kind)
}

# A constant or expandable string's text, else the source text.
function Get-Text {
    [CmdletBinding()] param([AllowNull()] [object] $Ast)
    if ($null -eq $Ast) { return $null }
    if (@('StringConstantExpressionAst', 'ExpandableStringExpressionAst') -contains $Ast.GetType().Name) { return [string]$Ast.Value }
    [string]$Ast.Extent.Text
}

# The hashtable literal that a node is, through @(), casts such as [ordered], and the pipeline around it; $null for anything else.
function Get-HashtableLiteral {
    [CmdletBinding()] param([AllowNull()] [object] $Ast)
    $node = $Ast
    while ($null -ne $node) {
        switch ($node.GetType().Name) {
            'HashtableAst' { return $node }
            'ConvertExpressionAst' { $node = $node.Child; break }
            'CommandExpressionAst' { $node = $node.Expression; break }
            'PipelineAst' { if ($node.PipelineElements.Count -ne 1) { return $null } ; $node = $node.PipelineElements[0]; break }
            default { return $null }
        }
    }
}

# A splatted variable's parameters, where all that the same function assigns to it is one hashtable literal.
function Get-SplatParameter {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Variable)
    $name = [string]$Variable.VariablePath.UserPath
    $scope = Get-Ancestor -Ast $Variable -Kind 'FunctionDefinitionAst'
    if ($null -eq $scope) { $scope = Get-Ancestor -Ast $Variable -Kind 'ScriptBlockAst' }
    $found = @($scope.FindAll({ param($one) (Test-Kind -Ast $one -Kind 'AssignmentStatementAst') -and ([string]$one.Left.Extent.Text -match "^\`$$name\b") }, $true))
    if ($found.Count -ne 1) { return @{ name = $null; value = $name } }
    $table = Get-HashtableLiteral -Ast $found[0].Right
    if ($null -eq $table) { return @{ name = $null; value = $name } }
    foreach ($pair in $table.KeyValuePairs) {
        $value = $pair.Item2
        if ((Test-Kind -Ast $value -Kind 'PipelineAst') -and ($value.PipelineElements.Count -eq 1) -and (Test-Kind -Ast $value.PipelineElements[0] -Kind 'CommandExpressionAst')) {
            $value = $value.PipelineElements[0].Expression
        }
        @{ name = Get-Text -Ast $pair.Item1; value = Get-Text -Ast $value }
    }
}

# Properties that a script block reads of the $_ of its own pipeline.
function Get-PipedMember {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Block)
    $inner = $Block.ScriptBlock
    $Block.FindAll({ param($one) (Test-Kind -Ast $one -Kind 'MemberExpressionAst') -and ([string]$one.Expression.Extent.Text -eq '$_') }, $true) |
        Where-Object -FilterScript { [object]::ReferenceEquals((Get-Ancestor -Ast $_ -Kind 'ScriptBlockAst'), $inner) } |
        ForEach-Object -Process { Get-Text -Ast $_.Member }
}

function Get-CommandFact {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Ast)
    $elements = $Ast.CommandElements
    $named = @(); $bare = @(); $splats = @(); $piped = @()
    for ($index = 1; $index -lt $elements.Count; $index++) {
        $element = $elements[$index]
        $kind = $element.GetType().Name
        if ($kind -eq 'CommandParameterAst') {
            $next = if ($index + 1 -lt $elements.Count) { $elements[$index + 1] } else { $null }
            $value = $element.Argument
            $follows = ($null -eq $value) -and ($null -ne $next) -and (-not (Test-Kind -Ast $next -Kind 'CommandParameterAst')) -and -not ((Test-Kind -Ast $next -Kind 'VariableExpressionAst') -and $next.Splatted)
            if ($follows) { $value = $next }
            $named += @{ name = [string]$element.ParameterName; value = Get-Text -Ast $value; separate = [bool]$follows }
            if ($follows) { $index++ }
        } elseif (($kind -eq 'VariableExpressionAst') -and $element.Splatted) {
            $splats += @(Get-SplatParameter -Variable $element)
        } else {
            $bare += [string]$element.Extent.Text
        }
    }
    foreach ($element in $elements) { if (Test-Kind -Ast $element -Kind 'ScriptBlockExpressionAst') { $piped += @(Get-PipedMember -Block $element) } }
    @{
        line = [int]$Ast.Extent.StartLineNumber; name = $Ast.GetCommandName(); text = [string]$elements[0].Extent.Text
        operator = [string]$Ast.InvocationOperator; named = @($named); bare = @($bare); splats = @($splats); piped = @($piped)
        in = Get-FunctionName -Ast $Ast
    }
}

# A pipeline as its stages, with the variable that takes it: by assignment, through @() and (), or as foreach's own.
function Get-PipelineFact {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Ast)
    $node = $Ast
    while ((@('PipelineAst', 'StatementBlockAst', 'ArrayExpressionAst', 'ParenExpressionAst', 'CommandExpressionAst') -contains $node.Parent.GetType().Name) -and
        -not ((Test-Kind -Ast $node.Parent -Kind 'PipelineAst') -and ($node.Parent.PipelineElements.Count -gt 1))) { $node = $node.Parent }
    $variable = $null
    if ((Test-Kind -Ast $node.Parent -Kind 'AssignmentStatementAst') -and (Test-Kind -Ast $node.Parent.Left -Kind 'VariableExpressionAst')) {
        $variable = [string]$node.Parent.Left.VariablePath.UserPath
    }
    if ((Test-Kind -Ast $node.Parent -Kind 'ForEachStatementAst') -and [object]::ReferenceEquals($node, $node.Parent.Condition)) {
        $variable = [string]$node.Parent.Variable.VariablePath.UserPath
    }
    $stages = @(foreach ($element in $Ast.PipelineElements) {
            if (Test-Kind -Ast $element -Kind 'CommandAst') { @{ command = Get-CommandFact -Ast $element; text = $null } }
            else { @{ command = $null; text = [string]$element.Extent.Text } }
        })
    @{ line = [int]$Ast.Extent.StartLineNumber; variable = $variable; in = Get-FunctionName -Ast $Ast; stages = @($stages); background = [bool]$Ast.Background }
}

function Get-FunctionFact {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Ast)
    $block = $Ast.Body.ParamBlock
    $attributes = @(); $parameters = @()
    if ($null -ne $block) {
        $attributes = @($block.Attributes | ForEach-Object -Process { [string]$_.TypeName.FullName })
        $parameters = @($block.Parameters | ForEach-Object -Process {
                $types = @($_.Attributes | Where-Object -FilterScript { Test-Kind -Ast $_ -Kind 'TypeConstraintAst' } | ForEach-Object -Process { [string]$_.TypeName.FullName })
                @{ name = [string]$_.Name.VariablePath.UserPath; types = @($types) }
            })
    }
    @{ line = [int]$Ast.Extent.StartLineNumber; name = [string]$Ast.Name; attributes = @($attributes); parameters = @($parameters) }
}

function Get-SourceFact {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $File)
    $tokens = $null; $errors = $null
    $tree = [System.Management.Automation.Language.Parser]::ParseFile($File.FullName, [ref]$tokens, [ref]$errors)
    $fact = @{
        file = [string]$File.FullName
        errors = @($errors | ForEach-Object -Process { @{ line = [int]$_.Extent.StartLineNumber; message = [string]$_.Message } })
        tokens = @($tokens | ForEach-Object -Process { @{ line = [int]$_.Extent.StartLineNumber; kind = [string]$_.Kind; text = [string]$_.Text } })
        nodes = @(); commands = @(); pipelines = @(); types = @(); attributes = @(); members = @(); assignments = @(); variables = @()
        redirections = @(); functions = @(); catches = @(); operators = @(); inputs = @()
    }
    foreach ($node in $tree.FindAll({ $true }, $true)) {
        $kind = $node.GetType().Name
        $line = [int]$node.Extent.StartLineNumber
        $fact.nodes += @{ line = $line; kind = $kind }
        switch ($kind) {
            'CommandAst' { $fact.commands += Get-CommandFact -Ast $node }
            'PipelineAst' { $fact.pipelines += Get-PipelineFact -Ast $node }
            'FunctionDefinitionAst' { $fact.functions += Get-FunctionFact -Ast $node }
            'TypeExpressionAst' { $fact.types += @{ line = $line; name = [string]$node.TypeName.FullName } }
            'TypeConstraintAst' { $fact.types += @{ line = $line; name = [string]$node.TypeName.FullName } }
            'AttributeAst' { $fact.attributes += @{ line = $line; name = [string]$node.TypeName.FullName } }
            'BinaryExpressionAst' { $fact.operators += @{ line = $line; name = [string]$node.Operator; text = [string]$node.Extent.Text } }
            'UnaryExpressionAst' { $fact.operators += @{ line = $line; name = [string]$node.TokenKind; text = [string]$node.Extent.Text } }
            'CatchClauseAst' { $fact.catches += @{ line = $line; empty = ($node.Body.Statements.Count -eq 0); in = Get-FunctionName -Ast $node } }
            'FileRedirectionAst' { $fact.redirections += @{ line = $line; text = [string]$node.Extent.Text } }
            'MergingRedirectionAst' { $fact.redirections += @{ line = $line; text = [string]$node.Extent.Text } }
            'VariableExpressionAst' {
                $fact.variables += @{ line = $line; name = [string]$node.VariablePath.UserPath; in = Get-FunctionName -Ast $node }
                if ([object]::ReferenceEquals((Get-Ancestor -Ast $node -Kind 'ScriptBlockAst'), $tree)) { $fact.inputs += [string]$node.VariablePath.UserPath }
            }
            'AssignmentStatementAst' {
                $root = $node.Left
                while (@('MemberExpressionAst', 'IndexExpressionAst', 'ConvertExpressionAst') -contains $root.GetType().Name) {
                    $root = switch ($root.GetType().Name) { 'MemberExpressionAst' { $root.Expression } 'IndexExpressionAst' { $root.Target } 'ConvertExpressionAst' { $root.Child } }
                }
                $fact.assignments += @{
                    line = $line; kind = [string]$node.Left.GetType().Name; root = [string]$root.Extent.Text; operator = [string]$node.Operator
                    value = [string]$node.Right.Extent.Text; literal = ($null -ne (Get-HashtableLiteral -Ast $node.Right)); in = Get-FunctionName -Ast $node
                }
            }
            { @('MemberExpressionAst', 'InvokeMemberExpressionAst') -contains $_ } {
                $owner = $null
                if (Test-Kind -Ast $node.Expression -Kind 'TypeExpressionAst') { $owner = [string]$node.Expression.TypeName.FullName }
                $name = $null
                if (Test-Kind -Ast $node.Member -Kind 'StringConstantExpressionAst') { $name = [string]$node.Member.Value }
                $count = -2
                if ($kind -eq 'InvokeMemberExpressionAst') { $count = @($node.Arguments | Where-Object -FilterScript { $null -ne $_ }).Count }
                $fact.members += @{
                    arguments = $count
                    line = $line; static = [bool]$node.Static; type = $owner; name = $name; call = ($kind -eq 'InvokeMemberExpressionAst')
                    of = [string]$node.Expression.Extent.Text; conditional = [bool]$node.NullConditional; in = Get-FunctionName -Ast $node
                }
            }
        }
    }
    $fact
}

$facts = @(Get-ChildItem -LiteralPath $Folder -Filter '*.ps1' -Recurse | ForEach-Object -Process { Get-SourceFact -File $_ })
[Console]::Out.WriteLine((ConvertTo-Json -InputObject $facts -Depth 12 -Compress))
