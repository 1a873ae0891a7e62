# Section exact: version numbers of Exact's program files, and what is installed of Exact. No document says that a
# number here is a release. Needs local administrator. Source: folders of applicationHost.config, which
# others may not read, and the default one, both Uninstall hives; never Win32_Product, which repairs what it lists.
# Server 2016 and later.
function Get-ExactSection {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Parameters)
    [ordered]@{
        files    = @(Select-ProgramFolder | ForEach-Object -Process { Get-ProgramVersion -Folder $_ })
        programs = @(Get-InstalledProgram -Pattern '\bExact\b|\bSynergy\b|\bGlobe\b')
    }
}

# Folders that may hold Synergy's program files, each once: the default, those of IIS, and the parents of those that are
# called docs.
function Select-ProgramFolder {
    [CmdletBinding()] param()
    $folders = [ordered]@{
        'C:\Program Files\Exact Synergy Enterprise'       = $true
        'C:\Program Files (x86)\Exact Synergy Enterprise' = $true
    }
    $configured = Get-IisConfigurationPath
    $configuration = $configured.file
    $there = Test-Path -LiteralPath $configuration
    # Without it Synergy's own folder is not known, and what lies in the default one may be left over.
    if ((-not $there) -and ($null -ne $configured.redirection)) {
        throw "IIS's configuration $configuration is out of reach"
    }
    if ($there) {
        foreach ($node in (Get-XmlFile -Path $configuration).SelectNodes('//sites/site/application/virtualDirectory')) {
            foreach ($path in @(Select-ApplicationFolder -Path (Get-VirtualDirectoryPath -Node $node))) {
                $folders[$path] = $true
            }
        }
    }
    @($folders.Keys)
}

# Exact.Core.dll marks the product; the updater's name carries the product line (T15), not the release.
function Get-ProgramVersion {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $Folder)
    $bin = "$Folder\bin"
    $library = "$bin\Exact.Core.dll"
    if (-not (Test-Path -LiteralPath $library)) { return }
    $files = @(Get-Item -LiteralPath $library) + @(Get-ChildItem -LiteralPath $bin -Filter 'Productupdater_T15_*.exe')
    foreach ($file in $files) {
        [ordered]@{
            path            = [string]$file.FullName
            file_version    = $file.VersionInfo.FileVersion
            product_version = $file.VersionInfo.ProductVersion
        }
    }
}
