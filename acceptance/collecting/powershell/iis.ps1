# Section iis: services, sites, applications, pools, bindings with their certificates, and where Synergy's files are.
# Needs local administrator and a 64-bit process. Source: applicationHost.config as XML, appcmd /xml for states,
# HTTP.SYS's registry keys for certificates, the access list of applicationHost.config. Never returns a password.
# Server 2016 and later.
function Get-IisSection {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Parameters)
    $named = "Name='W3SVC' OR Name='WAS'"
    $services = @(Get-CimInstance -ClassName Win32_Service -Filter $named | ForEach-Object -Process {
            [ordered]@{ name = [string]$_.Name; state = [string]$_.State; start_mode = [string]$_.StartMode }
        })
    $configured = Get-IisConfigurationPath
    $redirection = $configured.redirection
    $file = $configured.file
    # "Not found" makes the section absent, so it may only be thrown where nothing of IIS is on this server.
    if ((($services.Count -gt 0) -or ($null -ne $redirection)) -and (-not (Test-Path -LiteralPath $file))) {
        throw "IIS is on this server, but $file is out of reach"
    }
    $configuration = Get-XmlFile -Path $file
    $states = Get-IisState -Command "$($env:windir)\System32\inetsrv\appcmd.exe" -Services $services
    $applicationHost = $configuration.SelectSingleNode('/configuration/system.applicationHost')
    $version = $null
    if (Test-Path -LiteralPath 'HKLM:\SOFTWARE\Microsoft\InetStp') {
        $version = Get-RegistryValue -Path 'HKLM:\SOFTWARE\Microsoft\InetStp' -Name 'VersionString'
    }
    [ordered]@{
        services             = $services
        version              = $version
        shared_configuration = $redirection
        access               = Invoke-Section -Parameters $file -Section {
            param([object] $Parameters)
            Get-FileAccess -Path $Parameters
        }
        sites                = @($applicationHost.SelectNodes('sites/site') | ForEach-Object -Process {
                Get-IisSite -Node $_ -State $states.sites
            })
        entries              = @(Get-AddressEntry)
        pools                = @($applicationHost.SelectNodes('applicationPools/add') | ForEach-Object -Process {
                Get-IisPool -Node $_ -State $states.pools
            })
    }
}

# Who may change IIS's configuration: the file's access list, by SID, as FileSystemRights' bits.
function Get-FileAccess {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $Path)
    $rules = (Get-Acl -LiteralPath $Path).GetAccessRules($true, $true, [Security.Principal.SecurityIdentifier])
    $entries = @($rules | ForEach-Object -Process {
            [ordered]@{
                sid    = [string]$_.IdentityReference.Value
                allow  = [bool]([string]$_.AccessControlType -eq 'Allow')
                rights = [int]$_.FileSystemRights
            }
        })
    [ordered]@{ entries = $entries }
}

# An attribute: of the node itself, else of the defaults element, else the schema's default.
function Get-XmlAttribute {
    [CmdletBinding()] param(
        [object] $Node, [object] $Default, [Parameter(Mandatory)] [string] $Name, [AllowNull()] [object] $Otherwise
    )
    foreach ($one in @($Node, $Default)) {
        if (($null -ne $one) -and $one.HasAttribute($Name)) { return $one.GetAttribute($Name) }
    }
    $Otherwise
}

# States are not in the file. appcmd prints English constants and starts nothing; without WAS it cannot tell.
function Get-IisState {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $Command, [object[]] $Services)
    $sites = @{}
    $pools = @{}
    $running = @($Services | Where-Object -FilterScript { ($_.name -eq 'WAS') -and ($_.state -eq 'Running') })
    if ($running.Count -gt 0) {
        $list = Get-XmlDocument -Text ((& $Command list site /xml) -join "`n") -Name 'what appcmd lists of sites'
        foreach ($node in $list.SelectNodes('/appcmd/SITE')) {
            $sites[$node.GetAttribute('SITE.NAME')] = $node.GetAttribute('state')
        }
        $list = Get-XmlDocument -Text ((& $Command list apppool /xml) -join "`n") -Name 'what appcmd lists of pools'
        foreach ($node in $list.SelectNodes('/appcmd/APPPOOL')) {
            $pools[$node.GetAttribute('APPPOOL.NAME')] = $node.GetAttribute('state')
        }
    }
    @{ sites = $sites; pools = $pools }
}

function Get-IisPool {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Node, [Parameter(Mandatory)] [hashtable] $State)
    $default = $Node.SelectSingleNode('../applicationPoolDefaults')
    $identity = $Node.SelectSingleNode('processModel')
    $defaultIdentity = $Node.SelectSingleNode('../applicationPoolDefaults/processModel')
    $own = @{ Node = $Node; Default = $default }
    $model = @{ Node = $identity; Default = $defaultIdentity }
    $name = $Node.GetAttribute('name')
    [ordered]@{
        name          = $name
        state         = $State[$name]
        # '' is the schema's default since IIS 8.0.
        runtime       = [string](Get-XmlAttribute @own -Name 'managedRuntimeVersion' -Otherwise '')
        pipeline      = [string](Get-XmlAttribute @own -Name 'managedPipelineMode' -Otherwise 'Integrated')
        enable_32_bit = [bool]((Get-XmlAttribute @own -Name 'enable32BitAppOnWin64' -Otherwise 'false') -eq 'true')
        identity_type = [string](Get-XmlAttribute @model -Name 'identityType' -Otherwise 'ApplicationPoolIdentity')
        user_name     = Get-XmlAttribute @model -Name 'userName' -Otherwise $null
        auto_start    = [bool]((Get-XmlAttribute @own -Name 'autoStart' -Otherwise 'true') -eq 'true')
        start_mode    = [string](Get-XmlAttribute @own -Name 'startMode' -Otherwise 'OnDemand')
    }
}

function Get-IisSite {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Node, [Parameter(Mandatory)] [hashtable] $State)
    $name = $Node.GetAttribute('name')
    $poolDefault = $Node.SelectSingleNode('applicationDefaults')
    if (($null -eq $poolDefault) -or (-not $poolDefault.HasAttribute('applicationPool'))) {
        $poolDefault = $Node.SelectSingleNode('../applicationDefaults')
    }
    $pool = @{ Default = $poolDefault; Name = 'applicationPool'; Otherwise = 'DefaultAppPool' }
    [ordered]@{
        name         = $name
        id           = [int]$Node.GetAttribute('id')
        state        = $State[$name]
        bindings     = @($Node.SelectNodes('bindings/binding') | ForEach-Object -Process { Get-IisBinding -Node $_ })
        applications = @($Node.SelectNodes('application') | ForEach-Object -Process {
                $root = $_.SelectSingleNode("virtualDirectory[@path='/']")
                $path = $null
                if ($null -ne $root) { $path = Get-VirtualDirectoryPath -Node $root }
                [ordered]@{
                    path          = $_.GetAttribute('path')
                    pool          = [string](Get-XmlAttribute @pool -Node $_)
                    physical_path = $path
                    folders       = @(Get-SynergyFolder -Path $path)
                }
            })
    }
}

# The application's folder, and its parent where an application maps to Synergy's "docs".
function Get-SynergyFolder {
    [CmdletBinding()] param([AllowNull()] [AllowEmptyString()] [string] $Path)
    $folders = @(Select-ApplicationFolder -Path $Path)
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
    if ($Node.GetAttribute('protocol') -eq 'https') {
        $asked = @{ information = $information; flags = $flags }
        # A binding that nobody can read costs itself only.
        $answer = Invoke-Section -Parameters $asked -Section {
            param([object] $Parameters)
            Get-BindingCertificate -Asked $Parameters
        }
        if ($answer.status -eq 'ok') {
            $certificate = $answer.value
        } else {
            $certificate = Get-CertificateFact -Source 'unread'
        }
    }
    [ordered]@{
        protocol    = $Node.GetAttribute('protocol')
        information = $information
        ssl_flags   = $flags
        certificate = $certificate
    }
}

# The certificate is not in applicationHost.config but in HTTP.SYS: by host name (SNI) before address.
function Get-BindingCertificate {
    [CmdletBinding()] param([Parameter(Mandatory)] [hashtable] $Asked)
    $information = $Asked.information
    $parameters = 'HKLM:\SYSTEM\CurrentControlSet\Services\HTTP\Parameters'
    $last = $information.LastIndexOf(':')
    $name = $information.Substring($last + 1)
    $endpoint = $information.Substring(0, $last)
    $port = $endpoint.Substring($endpoint.LastIndexOf(':') + 1)
    if (($Asked.flags -band 2) -ne 0) { return Get-CertificateFact -Source 'central' }
    $candidates = @(
        @{ source = 'sni'; path = "$parameters\SslSniBindingInfo\${name}:$port" }
        @{ source = 'ip'; path = "$parameters\SslBindingInfo\$($endpoint.Replace('*', '0.0.0.0'))" }
        @{ source = 'ip'; path = "$parameters\SslBindingInfo\0.0.0.0:$port" }
    )
    if (($Asked.flags -band 1) -eq 0) {
        $candidates = @($candidates | Where-Object -FilterScript { $_.source -eq 'ip' })
    }
    foreach ($candidate in $candidates) {
        if (-not (Test-Path -LiteralPath $candidate.path)) { continue }
        return Get-EntryCertificate -Source $candidate.source -Key (Get-Item -LiteralPath $candidate.path)
    }
    $null
}

# What an entry of HTTP.SYS names; one without a certificate of its own leaves it to the central store.
function Get-EntryCertificate {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $Source, [Parameter(Mandatory)] [object] $Key)
    $store = $Key.GetValue('SslCertStoreName')
    if ([string]::IsNullOrEmpty($store)) { $store = 'MY' }
    $hash = $Key.GetValue('SslCertHash')
    if ($null -eq $hash) { return Get-CertificateFact -Source 'central' }
    $thumbprint = (@($hash) | ForEach-Object -Process { '{0:X2}' -f [int]$_ }) -join ''
    Get-CertificateFact -Source $Source -Thumbprint $thumbprint -Store $store
}

# HTTP.SYS's entries for addresses, also those that IIS does not list: another product, or netsh, may have added one.
function Get-AddressEntry {
    [CmdletBinding()] param()
    $path = 'HKLM:\SYSTEM\CurrentControlSet\Services\HTTP\Parameters\SslBindingInfo'
    if (-not (Test-Path -LiteralPath $path)) { return }
    foreach ($key in @(Get-ChildItem -LiteralPath $path)) {
        [ordered]@{ endpoint = [string]$key.PSChildName; certificate = Get-EntryCertificate -Source 'ip' -Key $key }
    }
}

function Get-CertificateFact {
    [CmdletBinding()] param(
        [Parameter(Mandatory)] [string] $Source, [AllowNull()] [string] $Thumbprint, [AllowNull()] [string] $Store
    )
    $fact = [ordered]@{
        source = $Source; thumbprint = $null; store = $null; found = $null; subject = $null; issuer = $null
        not_before = $null; not_after = $null; dns_names = $null; has_private_key = $null; chain = $null
        root = $null; raw = $null
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
        $fact.raw = [Convert]::ToBase64String($certificate.RawData)
        $fact.has_private_key = [bool]$certificate.HasPrivateKey
        $chain = Get-ChainAnswer -Certificate $certificate
        $fact.chain = @($chain.status)
        $fact.root = $chain.root
    }
    $fact
}

# Leaf: why Windows would not trust the certificate (X509ChainStatusFlags; nothing: it does), and the bytes of the
# chain's last certificate: who vouches for it. Asks nobody for revocation lists.
function Get-ChainAnswer {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Certificate)
    $policy = [Security.Cryptography.X509Certificates.X509ChainPolicy]@{ RevocationMode = 'NoCheck' }
    $chain = [Security.Cryptography.X509Certificates.X509Chain]@{ ChainPolicy = $policy }
    $null = $chain.Build($Certificate)
    $root = $null
    foreach ($element in $chain.ChainElements) { $root = [Convert]::ToBase64String($element.Certificate.RawData) }
    @{ status = @($chain.ChainStatus | ForEach-Object -Process { [string]$_.Status }); root = $root }
}
