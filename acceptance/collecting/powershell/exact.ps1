# Section exact: version numbers of Exact's program files, and what is installed of Exact. No number here is documented to be a release
# (facts-exact 1.1). Needs read access to the program folders. Source: folders of applicationHost.config and the default one, both Uninstall
# hives; never Win32_Product, which repairs what it lists. Server 2016 and later.
function Get-ExactSection {
    [CmdletBinding()] param([Parameter(Mandatory)] [object] $Parameters)
    [ordered]@{
        files    = @(Select-ProgramFolder | ForEach-Object -Process { Get-ProgramVersion -Folder $_ })
        programs = @(Get-InstalledProgram -Pattern '\bExact\b|\bSynergy\b|\bGlobe\b')
    }
}

# Folders that may hold Synergy's program files, each once: the default, those of IIS and their parents.
function Select-ProgramFolder {
    [CmdletBinding()] param()
    $folders = [ordered]@{ 'C:\Program Files\Exact Synergy Enterprise' = $true; 'C:\Program Files (x86)\Exact Synergy Enterprise' = $true }
    $configuration = Join-Path -Path $env:windir -ChildPath 'System32\inetsrv\config\applicationHost.config'
    if (Test-Path -LiteralPath $configuration) {
        $xml = Get-XmlFile -Path $configuration
        foreach ($node in $xml.SelectNodes('//sites/site/application/virtualDirectory[@physicalPath]')) {
            $path = [Environment]::ExpandEnvironmentVariables($node.GetAttribute('physicalPath')).TrimEnd('\')
            $folders[$path] = $true
            if ($path.LastIndexOf('\') -gt 2) { $folders[$path.Substring(0, $path.LastIndexOf('\'))] = $true }
        }
    }
    @($folders.Keys)
}

# Exact.Core.dll marks the product; the updater's name carries the product line (T15), not the release.
function Get-ProgramVersion {
    [CmdletBinding()] param([Parameter(Mandatory)] [string] $Folder)
    $library = Join-Path -Path $Folder -ChildPath 'bin\Exact.Core.dll'
    if (-not (Test-Path -LiteralPath $library)) { return }
    $bin = Join-Path -Path $Folder -ChildPath 'bin'
    $files = @(Get-Item -LiteralPath $library) + @(Get-ChildItem -LiteralPath $bin -Filter 'Productupdater_T15_*.exe')
    foreach ($file in $files) {
        [ordered]@{
            path            = [string]$file.FullName
            file_version    = $file.VersionInfo.FileVersion
            product_version = $file.VersionInfo.ProductVersion
        }
    }
}
