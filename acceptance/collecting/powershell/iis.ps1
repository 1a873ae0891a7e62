# Section iis: services, sites, applications, pools, bindings with their certificates, and where Synergy's files are.
# Needs local administrator and a 64-bit process. Source: applicationHost.config as XML, appcmd /xml for states, HTTP.SYS's
# registry keys for certificates (facts-windows 3.7), the access list of applicationHost.config. Never returns a password. Server 2016 and later.
function Get-IisSection {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Parameters)
    $services = @(Get-CimInstance -ClassName Win32_Service -Filter "Name='W3SVC' OR Name='WAS'" | ForEach-Object -Process {
            [ordered]@{ name = [string]$_.Name; state = [string]$_.State; start_mode = [string]$_.StartMode }
        })
    $inetsrv = Join-Path -Path $env:windir -ChildPath 'System32\inetsrv'
    $redirection = Get-RedirectionPath -Folder "$inetsrv\config"
    $file = "$inetsrv\config\applicationHost.config"
    if ($null -ne $redirection) { $file = Join-Path -Path $redirection -ChildPath 'applicationHost.config' }
    # "Not found" makes the section absent, so it may only be thrown where nothing of IIS is on this server.
    if ((($services.Count -gt 0) -or ($null -ne $redirection)) -and (-not (Test-Path -LiteralPath $file))) { throw "IIS is on this server, but $file is out of reach" }
    $configuration = Get-XmlFile -Path $file
    $states = Get-IisState -Command "$inetsrv\appcmd.exe" -Services $services
    $applicationHost = $configuration.SelectSingleNode('/configuration/system.applicationHost')
    $version = $null
    if (Test-Path -LiteralPath 'HKLM:\SOFTWARE\Microsoft\InetStp') {
        $version = Get-RegistryValue -Path 'HKLM:\SOFTWARE\Microsoft\InetStp' -Name 'VersionString'
    }
    [ordered]@{
        services             = $services
        version              = $version
        shared_configuration = $redirection
        access               = Invoke-Section -Section { param([object] $Parameters) Get-FileAccess -Path $Parameters } -Parameters $file
        sites                = @($applicationHost.SelectNodes('sites/site') | ForEach-Object -Process { Get-IisSite -Node $_ -State $states.sites })
        pools                = @($applicationHost.SelectNodes('applicationPools/add') | ForEach-Object -Process { Get-IisPool -Node $_ -State $states.pools })
    }
}

# Who may change IIS's configuration: the file's access list, by SID, as FileSystemRights' bits.
function Get-FileAccess {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $Path)
    $rules = (Get-Acl -LiteralPath $Path).GetAccessRules($true, $true, [Security.Principal.SecurityIdentifier])
    $entries = @($rules | ForEach-Object -Process {
            [ordered]@{ sid = [string]$_.IdentityReference.Value; allow = [bool]([string]$_.AccessControlType -eq 'Allow'); rights = [int]$_.FileSystemRights }
        })
    [ordered]@{ entries = $entries }
}

# An attribute: of the node itself, else of the defaults element, else the schema's default.
function Get-XmlAttribute {
    [CmdletBinding()] param([object] $Node, [object] $Default, [Parameter(Mandatory)] [string] $Name, [AllowNull()] [object] $Otherwise)
    foreach ($one in @($Node, $Default)) {
        if (($null -ne $one) -and $one.HasAttribute($Name)) { return $one.GetAttribute($Name) }
    }
    $Otherwise
}

# The folder of a shared configuration; $null where redirection is off.
function Get-RedirectionPath {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $Folder)
    $file = "$Folder\redirection.config"
    if (-not (Test-Path -LiteralPath $file)) { return $null }
    $node = (Get-XmlFile -Path $file).SelectSingleNode('/configuration/configurationRedirection')
    if (($null -eq $node) -or ($node.GetAttribute('enabled') -ne 'true')) { return $null }
    [Environment]::ExpandEnvironmentVariables($node.GetAttribute('path'))
}

# States are not in the file. appcmd prints English constants and starts nothing; without WAS it cannot tell.
function Get-IisState {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $Command, [Parameter(Mandatory)] [object[]] $Services)
    $sites = @{}
    $pools = @{}
    $running = @($Services | Where-Object -FilterScript { ($_.name -eq 'WAS') -and ($_.state -eq 'Running') })
    if ($running.Count -gt 0) {
        $list = [xml]((& $Command list site /xml) -join "`n")
        foreach ($node in $list.SelectNodes('/appcmd/SITE')) { $sites[$node.GetAttribute('SITE.NAME')] = $node.GetAttribute('state') }
        $list = [xml]((& $Command list apppool /xml) -join "`n")
        foreach ($node in $list.SelectNodes('/appcmd/APPPOOL')) { $pools[$node.GetAttribute('APPPOOL.NAME')] = $node.GetAttribute('state') }
    }
    @{ sites = $sites; pools = $pools }
}

function Get-IisPool {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Node, [Parameter(Mandatory)] [hashtable] $State)
    $default = $Node.SelectSingleNode('../applicationPoolDefaults')
    $identity = $Node.SelectSingleNode('processModel')
    $defaultIdentity = $Node.SelectSingleNode('../applicationPoolDefaults/processModel')
    $name = $Node.GetAttribute('name')
    [ordered]@{
        name          = $name
        state         = $State[$name]
        runtime       = [string](Get-XmlAttribute -Node $Node -Default $default -Name 'managedRuntimeVersion' -Otherwise '') # the schema's default since IIS 8.0
        pipeline      = [string](Get-XmlAttribute -Node $Node -Default $default -Name 'managedPipelineMode' -Otherwise 'Integrated')
        enable_32_bit = [bool]((Get-XmlAttribute -Node $Node -Default $default -Name 'enable32BitAppOnWin64' -Otherwise 'false') -eq 'true')
        identity_type = [string](Get-XmlAttribute -Node $identity -Default $defaultIdentity -Name 'identityType' -Otherwise 'ApplicationPoolIdentity')
        user_name     = Get-XmlAttribute -Node $identity -Default $defaultIdentity -Name 'userName' -Otherwise $null
        auto_start    = [bool]((Get-XmlAttribute -Node $Node -Default $default -Name 'autoStart' -Otherwise 'true') -eq 'true')
        start_mode    = [string](Get-XmlAttribute -Node $Node -Default $default -Name 'startMode' -Otherwise 'OnDemand')
    }
}

function Get-IisSite {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Node, [Parameter(Mandatory)] [hashtable] $State)
    $name = $Node.GetAttribute('name')
    $poolDefault = $Node.SelectSingleNode('applicationDefaults')
    if (($null -eq $poolDefault) -or (-not $poolDefault.HasAttribute('applicationPool'))) { $poolDefault = $Node.SelectSingleNode('../applicationDefaults') }
    [ordered]@{
        name         = $name
        id           = [int]$Node.GetAttribute('id')
        state        = $State[$name]
        bindings     = @($Node.SelectNodes('bindings/binding') | ForEach-Object -Process { Get-IisBinding -Node $_ })
        applications = @($Node.SelectNodes('application') | ForEach-Object -Process {
                $root = $_.SelectSingleNode("virtualDirectory[@path='/']")
                $path = $null
                if (($null -ne $root) -and $root.HasAttribute('physicalPath')) { $path = [Environment]::ExpandEnvironmentVariables($root.GetAttribute('physicalPath')) }
                [ordered]@{
                    path          = $_.GetAttribute('path')
                    pool          = [string](Get-XmlAttribute -Node $_ -Default $poolDefault -Name 'applicationPool' -Otherwise 'DefaultAppPool')
                    physical_path = $path
                    folders       = @(Get-SynergyFolder -Path $path)
                }
            })
    }
}

# The application's folder and its parent, since an application may map to Synergy's "docs" folder.
function Get-SynergyFolder {
    [CmdletBinding()] param([AllowNull()] [AllowEmptyString()] [string] $Path)
    if ([string]::IsNullOrEmpty($Path)) { return }
    $trimmed = $Path.TrimEnd('\')
    $folders = @($trimmed)
    if ($trimmed.LastIndexOf('\') -gt 2) { $folders += $trimmed.Substring(0, $trimmed.LastIndexOf('\')) }
    foreach ($folder in $folders) {
        # A folder on a share may be out of reach (second hop): that folder alone is then unknown.
        try {
            $marks = $null
            $exists = [bool](Test-Path -LiteralPath $folder)
            if ($exists) {
                $marks = [ordered]@{
                    core_library = [bool](Test-Path -LiteralPath "$folder\bin\Exact.Core.dll")
                    portal_page  = [bool](Test-Path -LiteralPath "$folder\docs\Portal.aspx")
                    rest_service = [bool](Test-Path -LiteralPath "$folder\Services\Exact.Entity.REST.svc")
                }
            }
            # Test-Path also says "no" of a share that it may not reach (second hop): that is no answer.
            if ((-not $exists) -and ($folder -like '\\*')) {
                [ordered]@{ path = $folder; exists = $null; error = 'NetworkPathOutOfReach'; marks = $null }
                continue
            }
            [ordered]@{ path = $folder; exists = $exists; error = $null; marks = $marks }
        } catch {
            [ordered]@{ path = $folder; exists = $null; error = [string]$_.Exception.GetType().FullName; marks = $null }
        }
    }
}

function Get-IisBinding {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Node)
    $flags = [int](Get-XmlAttribute -Node $Node -Name 'sslFlags' -Otherwise 0)
    $information = $Node.GetAttribute('bindingInformation')
    $certificate = $null
    if ($Node.GetAttribute('protocol') -eq 'https') { $certificate = Get-BindingCertificate -Information $information -Flags $flags }
    [ordered]@{
        protocol    = $Node.GetAttribute('protocol')
        information = $information
        ssl_flags   = $flags
        certificate = $certificate
    }
}

# The certificate is not in applicationHost.config but in HTTP.SYS: by host name (SNI) before address.
function Get-BindingCertificate {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $Information, [Parameter(Mandatory)] [int] $Flags)
    $parameters = 'HKLM:\SYSTEM\CurrentControlSet\Services\HTTP\Parameters'
    $last = $Information.LastIndexOf(':')
    $name = $Information.Substring($last + 1)
    $endpoint = $Information.Substring(0, $last)
    $port = $endpoint.Substring($endpoint.LastIndexOf(':') + 1)
    if (($Flags -band 2) -ne 0) { return Get-CertificateFact -Source 'central' }
    $candidates = @(
        @{ source = 'sni'; path = "$parameters\SslSniBindingInfo\${name}:$port" }
        @{ source = 'ip'; path = "$parameters\SslBindingInfo\$($endpoint.Replace('*', '0.0.0.0'))" }
        @{ source = 'ip'; path = "$parameters\SslBindingInfo\0.0.0.0:$port" }
    )
    if (($Flags -band 1) -eq 0) { $candidates = @($candidates | Where-Object -FilterScript { $_.source -eq 'ip' }) }
    foreach ($candidate in $candidates) {
        if (-not (Test-Path -LiteralPath $candidate.path)) { continue }
        $key = Get-Item -LiteralPath $candidate.path
        $store = $key.GetValue('SslCertStoreName')
        if ([string]::IsNullOrEmpty($store)) { $store = 'MY' }
        $hash = $key.GetValue('SslCertHash')
        if ($null -eq $hash) { return Get-CertificateFact -Source 'central' } # an entry without a certificate of its own
        $thumbprint = (@($hash) | ForEach-Object -Process { '{0:X2}' -f [int]$_ }) -join ''
        return Get-CertificateFact -Source $candidate.source -Thumbprint $thumbprint -Store $store
    }
    $null
}

function Get-CertificateFact {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $Source, [AllowNull()] [string] $Thumbprint, [AllowNull()] [string] $Store)
    $fact = [ordered]@{
        source = $Source; thumbprint = $null; store = $null; found = $null; subject = $null; issuer = $null
        not_before = $null; not_after = $null; dns_names = $null; has_private_key = $null; chain = $null
    }
    if ([string]::IsNullOrEmpty($Thumbprint)) { return $fact }
    $path = "Cert:\LocalMachine\$Store\$Thumbprint"
    $fact.thumbprint = $Thumbprint
    $fact.store = $Store
    $fact.found = [bool](Test-Path -LiteralPath $path)
    if ($fact.found) {
        $certificate = Get-Item -LiteralPath $path
        $fact.subject = [string]$certificate.Subject
        $fact.issuer = [string]$certificate.Issuer
        $fact.not_before = $certificate.NotBefore.ToUniversalTime().ToString('o')
        $fact.not_after = $certificate.NotAfter.ToUniversalTime().ToString('o')
        $fact.dns_names = @($certificate.DnsNameList | ForEach-Object -Process { [string]$_.Unicode })
        $fact.has_private_key = [bool]$certificate.HasPrivateKey
        $fact.chain = @(Get-ChainStatus -Certificate $certificate)
    }
    $fact
}

# Leaf: why Windows would not trust the certificate (X509ChainStatusFlags); nothing: it does. Asks nobody for revocation lists.
function Get-ChainStatus {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Certificate)
    $policy = [Security.Cryptography.X509Certificates.X509ChainPolicy]@{ RevocationMode = 'NoCheck' }
    $chain = [Security.Cryptography.X509Certificates.X509Chain]@{ ChainPolicy = $policy }
    $null = $chain.Build($Certificate)
    $chain.ChainStatus | ForEach-Object -Process { [string]$_.Status }
}
